package io.sandbeam.service.local;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Which sandbox a create request made: asking again makes no second one. Thread-safe. */
final class Requests {
  private static final int MOST = 30_000;

  private final long keptNanos;
  private final Map<RequestId, Made> made = new LinkedHashMap<>();

  private record Made(
      Fingerprint spec,
      String sandboxId,
      Supplier<CompletableFuture<SandboxInfo>> answer,
      long atNanos) {}

  /** A spec, of its files only the names and 32 bits of each content. */
  private record Fingerprint(SandboxSpec bare, Map<String, Integer> contents) {
    static Fingerprint of(SandboxSpec spec) {
      Map<String, Integer> contents = new TreeMap<>();
      spec.files().forEach((path, content) -> contents.put(path, Arrays.hashCode(content)));
      return new Fingerprint(LocalLifecycle.withoutContents(spec), contents);
    }
  }

  /**
   * @param kept how long at least a request is remembered, unless there are {@value #MOST} newer
   *     ones
   */
  Requests(Duration kept) {
    this.keptNanos = kept.toNanos();
  }

  /**
   * How the sandbox of this request stands, once it is usable. It is made now when the request is
   * new.
   */
  synchronized CompletableFuture<SandboxInfo> once(
      RequestId id, SandboxSpec spec, Supplier<LocalSandbox> maker) {
    Fingerprint print = Fingerprint.of(spec);
    Made before = made.get(id);
    if (before != null) {
      if (!before.spec().equals(print)) {
        throw new SandboxAlreadyExistsException(id);
      }
      return before.answer().get();
    }
    long now = System.nanoTime();
    forgetOld(now);
    LocalSandbox sandbox = maker.get();
    // Asking again gives the sandbox as it stands then.
    Made entry =
        new Made(
            print, sandbox.id(), () -> sandbox.usable().thenApply(info -> sandbox.info()), now);
    made.put(id, entry);
    return entry.answer().get();
  }

  private void forgetOld(long now) {
    // The oldest first: whoever comes after one that is kept is younger.
    for (Iterator<Made> oldest = made.values().iterator(); oldest.hasNext(); ) {
      if (now - oldest.next().atNanos() <= keptNanos && made.size() < MOST) {
        return;
      }
      oldest.remove();
    }
  }

  /** The sandbox that it made is forgotten: this is the answer from now on. */
  synchronized void settle(RequestId id, SandboxInfo last) {
    made.computeIfPresent(
        id,
        (same, entry) ->
            entry.sandboxId().equals(last.id())
                ? new Made(
                    entry.spec(),
                    last.id(),
                    () -> CompletableFuture.completedFuture(last),
                    entry.atNanos())
                : entry);
  }

  /** It certainly made nothing: the id is free again. */
  synchronized void free(RequestId id) {
    made.remove(id);
  }
}
