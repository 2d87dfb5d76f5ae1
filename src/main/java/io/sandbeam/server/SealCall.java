package io.sandbeam.server;

import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import io.sandbeam.service.http.wire.SealHeaders;
import io.sandbeam.service.http.wire.V1;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A purge's dry run that seals a job, or asks for its seal; see {@link SealHeaders}. */
final class SealCall {
  private final Ledger ledger;
  private final SandboxCalls sandboxes;

  SealCall(Ledger ledger, SandboxCalls sandboxes) {
    this.ledger = ledger;
    this.sandboxes = sandboxes;
  }

  CompletableFuture<ApiAnswer> purge(ApiRequest request, String what) {
    V1.PurgeSandboxesRequest body = request.body(V1.PurgeSandboxesRequest.class);
    if (!body.dryRun() || body.purgeAll() || body.tags().size() != 1) {
      throw new SandboxValidationException(
          SealHeaders.NAME,
          "Invalid " + SealHeaders.NAME + ": it goes with a dry run by the one tag of a job");
    }
    Tag job = SandboxService.checkJob(ListCall.tags(body.tags()).iterator().next());
    if (what.equals(SealHeaders.SET)) {
      ledger.seal(request.caller(), job);
    }
    String seal = ledger.isSealed(request.caller(), job) ? SealHeaders.SEALED : SealHeaders.OPEN;
    return sandboxes
        .purge(request)
        .thenApply(counted -> new ApiAnswer(counted.message(), Map.of(SealHeaders.NAME, seal)));
  }
}
