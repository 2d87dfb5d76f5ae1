package io.sandbeam.server;

import io.sandbeam.service.http.wire.PrepareHeaders;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A list that has an image made ready; see {@link PrepareHeaders}. Thread-safe. */
final class PrepareCall {
  private final Preparations preparations;
  private final ListCall list;

  PrepareCall(Preparations preparations, ListCall list) {
    this.preparations = preparations;
    this.list = list;
  }

  CompletableFuture<ApiAnswer> list(ApiRequest request, String what) {
    Optional<String> image = PrepareHeaders.read(what);
    CompletableFuture<Preparations.Progress> progress =
        preparations.prepare(request.caller(), image);
    return list.list(request)
        .thenCombine(
            progress,
            (page, how) -> new ApiAnswer(page.message(), Map.of(PrepareHeaders.NAME, text(how))));
  }

  private static String text(Preparations.Progress progress) {
    return switch (progress) {
      case READY -> PrepareHeaders.READY;
      case PENDING -> PrepareHeaders.PENDING;
    };
  }
}
