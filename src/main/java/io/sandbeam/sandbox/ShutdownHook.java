package io.sandbeam.sandbox;

import io.sandbeam.service.SandboxException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the sandboxes of this JVM when it ends: at the end of {@code main}, at {@code System.exit},
 * at SIGINT and SIGTERM. (Not at a crash or {@code kill -9}: leases and sweeps cover those.)
 *
 * <p>Installed in the JVM while there is an owned sandbox, and not otherwise. It refuses new
 * sandboxes, stops all there are at once, waits for at most {@link #DEADLINE}, and logs each one
 * that could not be stopped. The exit status stays what it was: 130 after SIGINT, 143 after
 * SIGTERM, n after {@code System.exit(n)}. A second signal while it works ends the JVM at once,
 * with that signal's status.
 *
 * <p>Switched off by {@link #disable()}, by the system property {@code
 * sandbeam.disableShutdownHook=true}, or by {@code SANDBEAM_DISABLE_SHUTDOWN_HOOK=1} in the
 * environment.
 */
public final class ShutdownHook {
  private static final Logger LOG = LoggerFactory.getLogger(ShutdownHook.class);

  /** The most that an ending JVM waits for its sandboxes. */
  public static final Duration DEADLINE = Duration.ofSeconds(10);

  /** Less than the deadline, so that a stubborn process is killed and not left. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  static final Tracker TRACKER = new Owned();

  private static final Set<Sandbox> owned = new LinkedHashSet<>();
  private static Thread installed;
  private static boolean ending;
  private static boolean enabled =
      !Boolean.getBoolean("sandbeam.disableShutdownHook")
          && !"1".equals(System.getenv("SANDBEAM_DISABLE_SHUTDOWN_HOOK"));

  private ShutdownHook() {}

  /** From now on an ending JVM leaves its sandboxes to others. */
  public static synchronized void disable() {
    enabled = false;
    adjust();
  }

  /** Takes back {@link #disable()}, the property and the variable. */
  public static synchronized void enable() {
    enabled = true;
    adjust();
  }

  /**
   * What a second signal does before it ends the JVM: one short act, such as a purge by tag. The
   * last one set holds.
   */
  public static void lastAct(Runnable act) {
    SecondSignal.lastAct(act);
  }

  /** For shutdown hooks of others: from now on SIGINT or SIGTERM ends the JVM at once. */
  public static void secondSignalEndsAtOnce() {
    SecondSignal.endsAtOnce();
  }

  /** Whether the JVM knows of it: there is an owned sandbox, and it is not disabled. */
  public static synchronized boolean isInstalled() {
    return installed != null;
  }

  /** Whether the JVM is ending and the hook stops its sandboxes: none can be started any more. */
  public static synchronized boolean isEnding() {
    return ending;
  }

  /** How many sandboxes it would stop. */
  public static synchronized int ownedCount() {
    return owned.size();
  }

  private static synchronized void own(Sandbox sandbox) {
    if (ending) {
      throw new SandboxException("This JVM is ending: no sandbox is started any more");
    }
    owned.add(sandbox);
    adjust();
  }

  private static synchronized void disown(Sandbox sandbox) {
    if (owned.remove(sandbox)) {
      adjust();
    }
  }

  private static void adjust() {
    boolean wanted = enabled && !owned.isEmpty();
    if (ending || wanted == (installed != null)) {
      return;
    }
    try {
      if (wanted) {
        Thread hook = new Thread(ShutdownHook::run, "sandbeam-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        installed = hook;
      } else {
        Runtime.getRuntime().removeShutdownHook(installed);
        installed = null;
      }
    } catch (IllegalStateException e) {
      // The JVM is ending already: hooks are fixed. One that is installed runs; else we are late.
      LOG.debug("The JVM is ending; its hooks stay as they are", e);
      if (wanted) {
        throw new SandboxException("This JVM is ending: no sandbox is started any more", e);
      }
    }
  }

  private static void run() {
    List<Sandbox> open;
    synchronized (ShutdownHook.class) {
      ending = true;
      open = List.copyOf(owned);
    }
    SecondSignal.endsAtOnce();
    CompletableFuture<?>[] stops =
        open.stream().map(ShutdownHook::stop).toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(stops).get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      synchronized (ShutdownHook.class) {
        Sandbox.names(List.copyOf(owned))
            .forEach(id -> LOG.error("Not stopped within {}: {}", Retry.seconds(DEADLINE), id));
      }
    } catch (InterruptedException | ExecutionException e) {
      LOG.error("Stopping the sandboxes broke off", e);
    }
  }

  private static CompletableFuture<Void> stop(Sandbox sandbox) {
    return sandbox
        .stop(StopOptions.DEFAULT.withGrace(GRACE))
        .handle(
            (result, failure) -> {
              if (failure != null) {
                LOG.error("Not stopped: {}", sandbox, Failures.cause(failure));
              }
              return null;
            });
  }

  private static final class Owned implements Tracker {
    @Override
    public void starting(Sandbox sandbox) {
      own(sandbox);
    }

    @Override
    public void notStarted(Sandbox sandbox, SandboxException why) {
      disown(sandbox);
    }

    @Override
    public void created(Sandbox sandbox) {}

    @Override
    public void gone(Sandbox sandbox, StopOutcome outcome) {
      disown(sandbox);
    }

    @Override
    public void stopFailed(Sandbox sandbox, Throwable why) {}
  }
}
