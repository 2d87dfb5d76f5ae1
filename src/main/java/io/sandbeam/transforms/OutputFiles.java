package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResolveOptions.StandardResolveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.util.MimeTypes;

/**
 * Copies files out of sandboxes to any file system that Beam knows. A file appears under its name
 * only when it is complete: it is written beside and renamed, so that a retry, or two at once,
 * leave one whole file.
 */
final class OutputFiles implements AutoCloseable {
  /**
   * Files are held in memory while they move, up to 32 MiB each; so only a few at a time, from the
   * read to the end of the write.
   */
  private static final int COPIES_AT_ONCE = 4;

  private final ThreadPoolExecutor writers;

  OutputFiles() {
    writers =
        new ThreadPoolExecutor(
            COPIES_AT_ONCE,
            COPIES_AT_ONCE,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), // bounded by the commands in flight
            task -> Worker.daemon(task, "sandbeam-outputs"));
    writers.allowCoreThreadTimeOut(true);
  }

  /**
   * What was copied.
   *
   * @param written path in the sandbox, as the user wrote it, to destination
   * @param missing path and why not
   */
  record Copied(Map<String, String> written, List<String> missing) {
    static final Copied NOTHING = new Copied(Map.of(), List.of());
  }

  /**
   * Copies one file after the other. What a sandbox does not have, or what is too large, is named
   * in the answer; the future fails when the sandbox breaks or a destination cannot be written.
   */
  CompletableFuture<Copied> copy(Sandbox sandbox, Map<String, String> outputs) {
    CompletableFuture<Copied> all =
        CompletableFuture.completedFuture(new Copied(new LinkedHashMap<>(), new ArrayList<>()));
    for (Map.Entry<String, String> output : outputs.entrySet()) {
      all = all.thenCompose(copied -> copyOne(sandbox, output.getKey(), output.getValue(), copied));
    }
    return all;
  }

  private CompletableFuture<Copied> copyOne(
      Sandbox sandbox, String path, String destination, Copied copied) {
    return CompletableFuture.runAsync(() -> write(destination, read(sandbox, path)), writers)
        .handle(
            (done, failure) -> {
              if (failure == null) {
                copied.written().put(path, destination);
              } else if (cause(failure) instanceof SandboxFileException file) {
                copied.missing().add(path + ": " + why(file));
              } else {
                throw new CompletionException(cause(failure));
              }
              return copied;
            });
  }

  private static String why(SandboxFileException file) {
    return switch (file.reason()) {
      case NOT_FOUND -> "not found";
      case TOO_LARGE ->
          "not copied, above the limit of " + (SandboxService.MAX_FILE_BYTES >> 20) + " MiB";
      case IS_DIRECTORY -> "not copied, it is a folder";
      default -> "not copied: " + file.getMessage();
    };
  }

  /** Waits on the writer's own thread: what is not read yet fills no memory. */
  private static byte[] read(Sandbox sandbox, String path) {
    try {
      return sandbox.readFile(RowPlanner.inSandbox(path)).get();
    } catch (ExecutionException e) {
      throw new CompletionException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(
          new SandboxException("Output " + path + " was not copied: its worker is closed", e));
    }
  }

  private static void write(String destination, byte[] content) {
    ResourceId target = FileSystems.matchNewResource(destination, false);
    ResourceId temporary =
        target
            .getCurrentDirectory()
            .resolve(
                ".sandbeam-" + UUID.randomUUID() + ".tmp", StandardResolveOptions.RESOLVE_FILE);
    try {
      try (WritableByteChannel channel = FileSystems.create(temporary, MimeTypes.BINARY)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
      FileSystems.rename(List.of(temporary), List.of(target));
    } catch (IOException e) {
      SandboxUnavailableException failure =
          new SandboxUnavailableException(
              "Output " + destination + " could not be written: " + e, e, Effect.UNKNOWN, null);
      discard(temporary, failure);
      throw failure;
    }
  }

  private static void discard(ResourceId temporary, Exception failure) {
    try {
      FileSystems.delete(List.of(temporary), StandardMoveOptions.IGNORE_MISSING_FILES);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  @Override
  public void close() {
    writers.shutdownNow();
  }
}
