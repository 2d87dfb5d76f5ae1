package io.sandbeam.service.http;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.service.http.wire.V1;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The calls about files. */
final class FileCalls {
  /** For a file of the largest size on a slow line. */
  static final Duration DEADLINE = Duration.ofMinutes(5);

  private final Api api;

  FileCalls(Api api) {
    this.api = api;
  }

  CompletableFuture<byte[]> read(String sandboxId, String path) {
    ApiCall call;
    try {
      call =
          ApiCall.of(ApiMethod.READ_FILE, sandboxId, DEADLINE)
              .withFile(SandboxService.checkFilePath(path))
              .withQuery(Query.of(ApiMethod.READ_FILE).add("path", path).build());
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
    return api.ask(
        call, Repeating.Safety.ONCE, V1.ReadFileResponse.class, V1.ReadFileResponse::content);
  }

  CompletableFuture<Void> write(String sandboxId, String path, byte[] content) {
    ApiCall call;
    try {
      SandboxService.checkFilePath(path);
      if (content.length > SandboxService.MAX_FILE_BYTES) {
        throw new SandboxFileException(
            SandboxFileException.Reason.TOO_LARGE,
            path,
            content.length
                + " bytes are more than "
                + SandboxService.MAX_FILE_BYTES
                + ", the most of one call");
      }
      call =
          ApiCall.of(ApiMethod.WRITE_FILE, sandboxId, DEADLINE)
              .withFile(path)
              .withBody(new V1.WriteFileRequest("", path, content.clone(), ""));
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
    return api.ask(call, Repeating.Safety.ONCE, V1.WriteFileResponse.class, wire -> null);
  }
}
