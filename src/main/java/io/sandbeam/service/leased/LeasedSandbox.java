package io.sandbeam.service.leased;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** One sandbox of this process, as the parts here use it. Implementations are thread-safe. */
public interface LeasedSandbox {
  String id();

  /** As asked for; once it has ended, perhaps without the contents of files. */
  SandboxSpec spec();

  /** How it stands now. */
  SandboxInfo info();

  /** Completes when it is terminal and nothing of it is left. */
  CompletableFuture<SandboxInfo> gone();

  /**
   * Starts a job. Fails the future with {@link io.sandbeam.service.SandboxNotRunningException} when
   * it may not.
   */
  CompletableFuture<Ended> run(Job job);

  /** Kills a job of {@link #run} as its time limit would. */
  void cancel(CompletableFuture<Ended> job);

  /** TERM, the grace, KILL; a second call can only shorten the grace. */
  void stop(Duration grace);
}
