package io.sandbeam.sandbox;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServiceProvider;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes this JVM quick at the path of a command, while something else keeps one of its cores busy:
 * the first hundreds of commands are run by the interpreter while the compiler takes half a core,
 * and for a short job these are all. Runs commands on the {@link SandboxServiceProvider#rehearsal}
 * of a service, so nothing leaves this JVM and there is no sandbox.
 */
public final class Rehearsal {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

  /** The JVM compiles what was called 200 times (its Tier3InvocationThreshold). */
  private static final int ROUNDS = 300;

  /** By then the real commands have begun. */
  private static final Duration LONGEST = Duration.ofSeconds(3);

  private Rehearsal() {}

  /**
   * Begins on a daemon thread, and ends by itself after some seconds. Where there is nothing to
   * rehearse, or no core to spare, it does nothing. Never fails: what is wrong with an address is
   * said when the service is opened.
   *
   * @return the thread, for who wants to see its end
   */
  public static Thread start(String address) {
    Thread thread = new Thread(() -> run(address), "sandbeam-rehearsal");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void run(String address) {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      return;
    }
    try {
      Optional<SandboxService> service =
          SandboxServices.provider(ServiceConfig.of(address)).rehearsal();
      service.map(Rehearsal::rehearse).ifPresent(counts -> LOG.debug("Rehearsed: {}", counts));
    } catch (SandboxException | CompletionException e) {
      LOG.debug("No rehearsal for {}", address, e);
    }
  }

  /** Runs the commands, closes the service, and answers what became of the sandboxes. */
  static SessionCounts rehearse(SandboxService service) {
    long end = System.nanoTime() + LONGEST.toNanos();
    SandboxDefaults defaults = SandboxDefaults.builder().tags("job-rehearsal").build();
    try (service;
        Session session = Session.open(service, defaults)) {
      for (int round = 0; round < ROUNDS && System.nanoTime() < end; round++) {
        Sandbox sandbox = session.sandbox();
        sandbox.waitUntilRunning().thenCompose(running -> sandbox.exec("true")).join();
        sandbox.stop().join();
      }
      return session.counts();
    }
  }
}
