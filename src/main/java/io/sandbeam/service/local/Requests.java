package io.sandbeam.service.local;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Which sandbox a create request made: asking again makes no second one. Thread-safe. */
final class Requests {
  private static final int MOST = 100_000;

  private final long keptNanos;
  private final Map<RequestId, Made> made = new LinkedHashMap<>();

  private record Made(SandboxSpec spec, LocalSandbox sandbox, long atNanos) {}

  /**
   * @param kept how long at least a request is remembered, unless there are {@value #MOST} newer
   *     ones
   */
  Requests(Duration kept) {
    this.keptNanos = kept.toNanos();
  }

  /** The sandbox of this request, made now when it is new. */
  synchronized LocalSandbox once(RequestId id, SandboxSpec spec, Supplier<LocalSandbox> maker) {
    Made before = made.get(id);
    if (before != null) {
      if (!before.spec().equals(spec)) {
        throw new SandboxAlreadyExistsException(id);
      }
      return before.sandbox();
    }
    long now = System.nanoTime();
    made.values().removeIf(old -> now - old.atNanos() > keptNanos || made.size() > MOST);
    LocalSandbox sandbox = maker.get();
    made.put(id, new Made(spec, sandbox, now));
    return sandbox;
  }

  /** It certainly made nothing: the id is free again. */
  synchronized void free(RequestId id) {
    made.remove(id);
  }
}
