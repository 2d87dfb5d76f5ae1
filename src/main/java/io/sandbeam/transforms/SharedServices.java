package io.sandbeam.transforms;

import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One service per configuration in this JVM, open as long as somebody holds it. Closed by the last
 * who lets go: a service that owns its sandboxes then ends what is left of them.
 */
final class SharedServices {
  private static final Map<ServiceConfig, Shared> OPEN = new HashMap<>();

  private SharedServices() {}

  /**
   * Opens the service, or joins those who have it open.
   *
   * @throws io.sandbeam.service.SandboxException when it cannot be opened here
   */
  static Held hold(ServiceConfig config) {
    synchronized (OPEN) {
      Shared shared = OPEN.get(config);
      if (shared == null) {
        shared = new Shared(config, SandboxServices.open(config));
        OPEN.put(config, shared);
      }
      shared.holders++;
      return new Held(shared);
    }
  }

  /** Holds a service that is nobody else's. */
  static Held alone(SandboxService service) {
    Shared shared = new Shared(ServiceConfig.of("alone"), service);
    shared.holders++;
    return new Held(shared);
  }

  /** How many services are open, for tests. */
  static int openCount() {
    synchronized (OPEN) {
      return OPEN.size();
    }
  }

  private static final class Shared {
    final ServiceConfig config;
    final SandboxService service;
    final AtomicLong throttledMsTold = new AtomicLong();
    int holders;

    Shared(ServiceConfig config, SandboxService service) {
      this.config = config;
      this.service = service;
    }
  }

  /** One holder's share. */
  static final class Held implements AutoCloseable {
    private final Shared shared;
    private final AtomicBoolean released = new AtomicBoolean();

    private Held(Shared shared) {
      this.shared = shared;
    }

    SandboxService service() {
      return shared.service;
    }

    /**
     * How long the service held its callers back since anybody last asked, in whole milliseconds.
     * Each is told once, however many steps share the service.
     */
    long newlyThrottledMs() {
      long now = shared.service.throttledTime().toMillis();
      long told = shared.throttledMsTold.getAndAccumulate(now, Math::max);
      return Math.max(0, now - told);
    }

    /**
     * Lets go; a second call does nothing.
     *
     * @throws io.sandbeam.service.SandboxException from the service's own close
     */
    @Override
    public void close() {
      if (!released.compareAndSet(false, true)) {
        return;
      }
      synchronized (OPEN) {
        if (--shared.holders > 0) {
          return;
        }
        OPEN.remove(shared.config, shared);
      }
      shared.service.close();
    }
  }
}
