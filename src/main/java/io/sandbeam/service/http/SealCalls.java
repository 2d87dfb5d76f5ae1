package io.sandbeam.service.http;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxUnsupportedException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.SealHeaders;
import io.sandbeam.service.http.wire.V1;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Seals, which only a Sandbeam server knows; see {@link SealHeaders}. */
final class SealCalls {
  private final Api api;

  SealCalls(Api api) {
    this.api = api;
  }

  CompletableFuture<Seal> seal(Tag job) {
    return ask(job, SealHeaders.SET);
  }

  CompletableFuture<Seal> sealOf(Tag job) {
    return ask(job, SealHeaders.ASK);
  }

  private CompletableFuture<Seal> ask(Tag job, String what) {
    ApiCall call =
        api.call(ApiMethod.PURGE_SANDBOXES, "")
            .withBody(new V1.PurgeSandboxesRequest(List.of(job.value()), true, "", false))
            .withHeaders(Map.of(SealHeaders.NAME, what));
    return Api.absent(
        api.ask(call, Repeating.Safety.REPEATABLE, answer -> read(call, answer)),
        SealCalls::knowsNoSuchPurge,
        Seal.UNSUPPORTED);
  }

  private static Seal read(ApiCall call, Transport.Answer answer) {
    String seal = answer.headers().get(SealHeaders.NAME);
    if (seal == null) {
      return Seal.UNSUPPORTED;
    }
    return switch (seal) {
      case SealHeaders.SEALED -> Seal.SEALED;
      case SealHeaders.OPEN -> Seal.OPEN;
      default -> throw Transport.garbled(call, "its " + SealHeaders.NAME + " is '" + seal + "'");
    };
  }

  /** A server of somebody else need not have purges, or dry runs of them. */
  private static boolean knowsNoSuchPurge(Throwable failure) {
    return failure instanceof SandboxUnsupportedException
        || failure instanceof SandboxNotFoundException
        || failure instanceof SandboxValidationException
        || failure.getClass() == SandboxException.class;
  }
}
