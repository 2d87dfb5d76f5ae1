package io.sandbeam.service.local;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sandboxes of one service share.
 *
 * @param settings as configured
 * @param identity who we are on the host
 * @param owner our directory
 * @param cgroups what can be limited
 * @param fifos new pipes
 * @param pump looks after running commands
 * @param warden ends sandboxes when we cannot
 * @param snapshots where archives are kept
 * @param seals which jobs are over
 * @param timer for lifetimes and grace periods; its tasks never wait
 * @param workers for everything that waits, and for completing futures
 * @param host this machine's name
 */
record LocalContext(
    LocalSettings settings,
    Identity identity,
    OwnerDirectory owner,
    Cgroups cgroups,
    FifoPool fifos,
    Pump pump,
    Warden warden,
    SnapshotStore snapshots,
    Seals seals,
    ScheduledExecutorService timer,
    Executor workers,
    String host) {

  private static final Logger LOG = LoggerFactory.getLogger(LocalContext.class);

  /** Runs a task on the timer, once, unless it is cancelled before. */
  Future<?> later(Duration delay, Runnable task) {
    return timer.schedule(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOG.error("A task of the timer failed", e);
          }
        },
        Math.max(0, delay.toMillis()),
        TimeUnit.MILLISECONDS);
  }
}
