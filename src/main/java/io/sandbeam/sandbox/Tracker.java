package io.sandbeam.sandbox;

import io.sandbeam.service.SandboxException;

/** Who keeps account of a sandbox. Told outside of all locks. */
interface Tracker {

  /** Asked before a create goes out; throws when no more may be created. */
  void starting(Sandbox sandbox);

  /** Its create was refused, or did not go out after all. It may be asked for again. */
  void notStarted(Sandbox sandbox, SandboxException why);

  /** Its create was answered: it exists. Told once, and not for sandboxes found by id. */
  void created(Sandbox sandbox);

  /** It is proven gone. Told once. */
  void gone(Sandbox sandbox, StopOutcome outcome);

  /** A stop failed: it may be alive. */
  void stopFailed(Sandbox sandbox, Throwable why);
}
