package io.sandbeam.sandbox;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxFileException.Reason;
import io.sandbeam.service.SandboxService;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Files of any size, in pieces of what one call of a service may move.
 *
 * <p>The first piece is a call like that of any small file, so that a path means the same and fails
 * the same; what is beyond moves through {@code dd} in the sandbox, whose blocks begin where the
 * piece before has ended.
 */
final class FilePieces {
  private static final int PIECE = SandboxService.MAX_FILE_BYTES;

  /** Of dd: pieces begin at whole blocks, as it counts in them. */
  private static final int BLOCK = 64 * 1024;

  private static final int NOT_FOUND = 127;

  private final SandboxService service;
  private final Timing timing;
  private final String id;
  private final String path;

  FilePieces(SandboxService service, Timing timing, String id, String path) {
    this.service = service;
    this.timing = timing;
    this.id = id;
    this.path = SandboxService.checkFilePath(path);
  }

  /** The whole file, when it is not larger than that. */
  CompletableFuture<byte[]> read(long most) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    AtomicLong from = new AtomicLong();
    return piece(0)
        .thenCompose(
            first -> {
              if (first.next().isEmpty()) {
                return CompletableFuture.completedFuture(first.content());
              }
              whole.writeBytes(first.content());
              from.set(first.next().getAsLong());
              return AsyncLoop.whileTrue(
                      () ->
                          piece(from.get())
                              .thenApply(
                                  piece -> {
                                    whole.writeBytes(piece.content());
                                    if (whole.size() > most) {
                                      throw tooLarge("it is above " + most + " bytes");
                                    }
                                    piece.next().ifPresent(from::set);
                                    return piece.next().isPresent();
                                  }))
                  .thenApply(done -> whole.toByteArray());
            });
  }

  /** What begins there. */
  CompletableFuture<FilePiece> piece(long from) {
    if (from < 0 || from % BLOCK != 0) {
      throw new IllegalArgumentException(
          "Invalid start " + from + " of a piece: 0, or where the piece before says");
    }
    return from > 0
        ? beyond(from)
        : call("read", () -> service.readFile(id, path))
            .thenApply(FilePiece::last)
            .exceptionallyCompose(
                failure ->
                    Failures.cause(failure) instanceof SandboxFileException file
                            && file.reason() == Reason.TOO_LARGE
                        ? beyond(0)
                        : CompletableFuture.failedFuture(Failures.cause(failure)));
  }

  private CompletableFuture<FilePiece> beyond(long from) {
    ExecRequest request =
        ExecRequest.builder(
                "dd", "if=" + path, "bs=" + BLOCK, "skip=" + from / BLOCK, "count=" + PIECE / BLOCK)
            .maxOutputBytes(PIECE)
            .build();
    return Execution.of(service, timing)
        .run(id, request)
        .thenApply(
            result -> {
              byte[] content = result.stdout();
              if (!result.stdoutTruncated()) {
                check(result);
                return content.length < PIECE
                    ? FilePiece.last(content)
                    : new FilePiece(content, OptionalLong.of(from + PIECE));
              }
              // The service keeps less of an output than was asked for: smaller pieces then.
              int whole = content.length / BLOCK * BLOCK;
              if (whole == 0) {
                throw tooLarge(
                    "the service keeps only " + content.length + " bytes of a command's output");
              }
              return new FilePiece(Arrays.copyOf(content, whole), OptionalLong.of(from + whole));
            });
  }

  /** Creates or replaces the file. */
  CompletableFuture<Void> write(byte[] content, long most) {
    if (content.length > most) {
      throw tooLarge("its " + content.length + " bytes are above " + most);
    }
    if (content.length <= PIECE) {
      return call("write", () -> service.writeFile(id, path, content));
    }
    AtomicLong from = new AtomicLong(PIECE);
    return call("write", () -> service.writeFile(id, path, Arrays.copyOf(content, PIECE)))
        .thenCompose(
            done ->
                AsyncLoop.whileTrue(
                    () ->
                        append(content, (int) from.get())
                            .thenApply(result -> from.addAndGet(PIECE) < content.length)));
  }

  private CompletableFuture<ExecResult> append(byte[] content, int from) {
    byte[] piece = Arrays.copyOfRange(content, from, Math.min(content.length, from + PIECE));
    ExecRequest request =
        ExecRequest.builder(
                "dd", "of=" + path, "bs=" + BLOCK, "seek=" + from / BLOCK, "conv=notrunc")
            .stdin(piece)
            .build();
    return Execution.of(service, timing)
        .run(id, request)
        .thenApply(
            result -> {
              check(result);
              return result;
            });
  }

  private <T> CompletableFuture<T> call(String what, Supplier<CompletableFuture<T>> call) {
    return new Retry(timing)
        .once(service.longestFileCall(), what + " a file of sandbox " + id, call);
  }

  private void check(ExecResult result) {
    if (result.succeeded()) {
      return;
    }
    String how =
        result.outcome() == ExecOutcome.EXITED
            ? "dd ended with exit code " + result.exitCode()
            : "dd was ended: " + result.outcome();
    List<String> said = result.stderrUtf8().lines().limit(1).toList();
    throw new SandboxFileException(
        Reason.IO_FAILED,
        path,
        result.exitCode() == NOT_FOUND
            ? "a file above "
                + PIECE
                + " bytes is moved in pieces, by the command dd, which the sandbox does not have:"
                + " take an image that has it"
            : how + ": " + String.join("", said));
  }

  private SandboxFileException tooLarge(String detail) {
    return new SandboxFileException(Reason.TOO_LARGE, path, detail);
  }
}
