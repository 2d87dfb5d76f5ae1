package io.sandbeam.service.docker;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.ServiceDescription;
import io.sandbeam.service.leased.Timer;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Puts a service together, and takes it apart.
 *
 * <p>Its threads: one timer; a few that start containers; a few that wait for pulls of images;
 * workers that make calls of the engine, at most {@value #MOST_WORKERS}; and for each live sandbox
 * the reader of its stream beside the writer that the transport has, and while it is restored one
 * more.
 */
final class Opening {
  private static final int MOST_WORKERS = 64;

  private static final int MOST_PULLS = 4;

  private Opening() {}

  static SandboxService open(DockerSettings settings) {
    Engine engine = Engine.of(settings);
    EngineFacts facts;
    try {
      facts = EngineFacts.of(engine);
    } catch (RuntimeException e) {
      RuntimeException told = withRemedy(e, engine);
      try (engine) {
        throw told;
      } catch (IOException closing) {
        told.addSuppressed(closing);
        throw told;
      }
    }
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, threads("timer"));
    timer.setRemoveOnCancelPolicy(true);
    ThreadPoolExecutor workers = pool("worker", MOST_WORKERS);
    ThreadPoolExecutor starters = pool("starter", settings.starts());
    Context context =
        new Context(settings, engine, facts, new Seals(engine, facts), new Timer(timer), workers);
    ThreadPoolExecutor pullers = pool("puller", MOST_PULLS);
    Images images = new Images(settings, engine, pullers, InstantSource.system());
    Snapshots snapshots = new Snapshots(context);
    OwnSandboxes own = new OwnSandboxes(context, images, snapshots, starters);
    AutoCloseable resources =
        () -> {
          timer.shutdownNow();
          pullers.shutdownNow();
          images.close();
          starters.shutdown();
          workers.shutdown();
          engine.close();
        };
    ServiceDescription description =
        new ServiceDescription(facts.name(), Set.of(facts.host()), facts.shown(settings));
    return new DockerService(
        context, own, new OtherSandboxes(context), snapshots, description, resources);
  }

  /** Whoever types the wrong address, or has not started it, is told what to type next. */
  private static RuntimeException withRemedy(RuntimeException e, Engine engine) {
    return e instanceof SandboxUnavailableException
        ? new SandboxUnavailableException(
            e.getMessage()
                + "; `scripts/sandbeam doctor --service=docker:"
                + engine.address()
                + "` says what to do",
            e,
            Effect.NONE,
            null)
        : e;
  }

  /** What waits in its queue are calls that somebody waits for. */
  private static ThreadPoolExecutor pool(String role, int most) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            most, most, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads(role));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private static ThreadFactory threads(String role) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "sandbeam-docker-" + role + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
