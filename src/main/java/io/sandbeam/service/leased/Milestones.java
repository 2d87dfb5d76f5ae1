package io.sandbeam.service.leased;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotRunningException;
import java.util.concurrent.CompletableFuture;

/**
 * What is waited for of one sandbox. Thread-safe.
 *
 * @param usable completes when it is usable, or with why it will never be
 * @param gone completes when it is terminal and nothing of it is left
 */
public record Milestones(
    CompletableFuture<SandboxInfo> usable, CompletableFuture<SandboxInfo> gone) {

  public Milestones() {
    this(new CompletableFuture<>(), new CompletableFuture<>());
  }

  /** What who waits for its start sees, when it is gone. */
  public void failAs(Throwable cause) {
    var unused = gone.whenComplete((info, error) -> usable.completeExceptionally(cause));
  }

  /** It ran, and is gone. Was it over before anybody was told, then its create has succeeded. */
  public void endedAfterStart(SandboxInfo info) {
    gone.complete(info);
    usable.complete(info);
  }

  /** It never ran, and is gone. */
  public void endedUnstarted(SandboxInfo info) {
    gone.complete(info);
    usable.completeExceptionally(
        new SandboxNotRunningException(info.id(), info.state(), info.stateReason()));
  }
}
