package io.sandbeam.transforms;

import io.sandbeam.sandbox.FilePiece;
import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxFileException;
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
  /** The largest file that is copied: 1 GiB. */
  static final long MAX_BYTES = 1L << 30;

  /** Of each file that moves a piece is in memory, up to 32 MiB; so only a few at a time. */
  private static final int COPIES_AT_ONCE = 4;

  private final ThreadPoolExecutor writers;

  private final long most;

  OutputFiles() {
    this(MAX_BYTES);
  }

  OutputFiles(long most) {
    this.most = most;
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
    return CompletableFuture.runAsync(() -> write(sandbox, path, destination), writers)
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

  private String why(SandboxFileException file) {
    return switch (file.reason()) {
      case NOT_FOUND -> "not found";
      case TOO_LARGE -> "not copied, above the limit of " + ByteSize.ofBytes(most);
      case IS_DIRECTORY -> "not copied, it is a folder";
      default -> "not copied: " + file.getMessage();
    };
  }

  /** Waits on the writer's own thread: what is not read yet fills no memory. */
  private static FilePiece read(Sandbox sandbox, String path, long from) {
    try {
      return sandbox.readFile(RowPlanner.inSandbox(path), from).get();
    } catch (ExecutionException e) {
      throw new CompletionException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(
          new SandboxException("Output " + path + " was not copied: its worker is closed", e));
    }
  }

  private void write(Sandbox sandbox, String path, String destination) {
    FilePiece first = read(sandbox, path, 0);
    ResourceId target = FileSystems.matchNewResource(destination, false);
    ResourceId temporary =
        target
            .getCurrentDirectory()
            .resolve(
                ".sandbeam-" + UUID.randomUUID() + ".tmp", StandardResolveOptions.RESOLVE_FILE);
    try {
      try (WritableByteChannel channel = FileSystems.create(temporary, MimeTypes.BINARY)) {
        long written = 0;
        FilePiece piece = first;
        while (true) {
          written += piece.content().length;
          if (written > most) {
            throw new SandboxFileException(
                SandboxFileException.Reason.TOO_LARGE, path, "it is above " + most + " bytes");
          }
          ByteBuffer bytes = ByteBuffer.wrap(piece.content());
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
          if (piece.next().isEmpty()) {
            break;
          }
          piece = read(sandbox, path, piece.next().getAsLong());
        }
      }
      FileSystems.rename(List.of(temporary), List.of(target));
    } catch (IOException e) {
      SandboxUnavailableException failure =
          new SandboxUnavailableException(
              "Output " + destination + " could not be written: " + e, e, Effect.UNKNOWN, null);
      discard(temporary, failure);
      throw failure;
    } catch (SandboxException | CompletionException e) {
      discard(temporary, e);
      throw e;
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
