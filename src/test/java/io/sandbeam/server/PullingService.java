package io.sandbeam.server;

import io.sandbeam.service.SandboxService;
import io.sandbeam.testing.ForwardingSandboxService;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A service whose images come when the test lets them. */
final class PullingService extends ForwardingSandboxService {
  private final List<Optional<String>> asked = new CopyOnWriteArrayList<>();
  private volatile CompletableFuture<Void> pulls = CompletableFuture.completedFuture(null);

  PullingService(SandboxService service) {
    super(service);
  }

  /** Nothing comes from now on, until the future is done; it fails all when it fails. */
  CompletableFuture<Void> stall() {
    pulls = new CompletableFuture<>();
    return pulls;
  }

  /** What it was asked for, in this order. */
  List<Optional<String>> asked() {
    return asked;
  }

  @Override
  public CompletableFuture<Void> prepare(Optional<String> image) {
    asked.add(image);
    return pulls.thenCompose(there -> super.prepare(image));
  }
}
