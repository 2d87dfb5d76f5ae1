package io.sandbeam.server;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.testing.ForwardingSandboxService;
import java.util.concurrent.CompletableFuture;

/** A service whose creates are carried out, and answered, when the test lets them. */
final class LateCreates extends ForwardingSandboxService {
  private final CompletableFuture<Void> carryOut = new CompletableFuture<>();
  private final CompletableFuture<Void> answer = new CompletableFuture<>();

  LateCreates(SandboxService service) {
    super(service);
  }

  void carryOut() {
    carryOut.complete(null);
  }

  void answer() {
    answer.complete(null);
  }

  @Override
  public CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId) {
    return carryOut
        .thenCompose(now -> super.create(spec, requestId))
        .thenCombine(answer, (info, now) -> info);
  }
}
