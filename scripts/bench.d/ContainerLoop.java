import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs `true` COUNT times with the SDK, THREADS at a time: in a fresh sandbox each, or in one for
 * each thread. Prints the milliseconds that took, without the start of the JVM.
 */
public final class ContainerLoop {
  public static void main(String[] args) throws Exception {
    ServiceConfig config =
        ServiceConfig.of(args[0])
            .withSetting("image", args[1])
            .withSetting("pull", "never")
            .withSetting("starts", args[4])
            .withSetting("localhost", args[5]);
    boolean fresh = args[2].equals("fresh");
    int count = Integer.parseInt(args[3]);
    int threads = Integer.parseInt(args[4]);
    SandboxDefaults defaults =
        SandboxDefaults.builder().tags("bench").maxLifetime(Duration.ofMinutes(10)).build();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    long start;
    try (SandboxService service = SandboxServices.open(config);
        Session session = Session.open(service, defaults)) {
      AtomicInteger left = new AtomicInteger(count);
      start = System.nanoTime();
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(
            pool.submit(
                () -> {
                  Sandbox sandbox = session.sandbox();
                  while (left.getAndDecrement() > 0) {
                    if (!sandbox.exec("true").join().succeeded()) {
                      throw new IllegalStateException("true failed");
                    }
                    if (fresh) {
                      sandbox.stop().join();
                      sandbox = session.sandbox();
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    }
    System.out.println((System.nanoTime() - start) / 1_000_000);
    pool.shutdown();
  }
}
