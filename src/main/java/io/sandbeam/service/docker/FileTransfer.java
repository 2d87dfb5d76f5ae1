package io.sandbeam.service.docker;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxFileException.Reason;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.leased.Channel;
import io.sandbeam.service.leased.CommandCode;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.KeptOutput;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Files in and out, by commands that run inside the sandbox: what a path means, and who may read
 * it, is the sandbox's own affair.
 */
final class FileTransfer {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int ERRORS_KEPT = 2000;
  private static final int IS_DIRECTORY = 41;
  private static final int NOT_REGULAR = 42;
  private static final int NOT_WRITABLE = 43;

  private FileTransfer() {}

  static CompletableFuture<byte[]> read(DockerSandbox sandbox, String path) {
    if (path.endsWith("/")) {
      return failed(Reason.IS_DIRECTORY, path, "its name ends with /");
    }
    String most = Integer.toString(SandboxService.MAX_FILE_BYTES + 1);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    KeptOutput errors = new KeptOutput(ERRORS_KEPT);
    return sandbox
        .run(
            new Job(
                CommandCode.own("get_file", List.of(path, most)),
                new byte[0],
                LIMIT,
                Optional.of(content::write),
                Optional.of(errors),
                Job.Kind.COMMAND))
        .thenApply(
            ended -> {
              check(path, ended, errors);
              if (ended.cut().contains(Channel.OUT)) {
                throw new SandboxUnavailableException(
                    "The end of file " + path + " did not come", null, Effect.NONE, null);
              }
              if (content.size() > SandboxService.MAX_FILE_BYTES) {
                throw tooLarge(path);
              }
              return content.toByteArray();
            });
  }

  static CompletableFuture<Void> write(
      DockerSandbox sandbox, String path, byte[] content, Job.Kind kind) {
    if (path.endsWith("/")) {
      return failed(Reason.IS_DIRECTORY, path, "its name ends with /");
    }
    if (content.length > SandboxService.MAX_FILE_BYTES) {
      return CompletableFuture.failedFuture(tooLarge(path));
    }
    return run(
        sandbox, path, CommandCode.own("put_file", List.of(path, Secret.random())), content, kind);
  }

  static CompletableFuture<Void> makeDirectory(DockerSandbox sandbox, String path) {
    CommandCode code = CommandCode.own("export LC_ALL=C; exec mkdir -p --", List.of(path));
    return run(sandbox, path, code, new byte[0], Job.Kind.INTERNAL);
  }

  private static CompletableFuture<Void> run(
      DockerSandbox sandbox, String path, CommandCode code, byte[] input, Job.Kind kind) {
    KeptOutput errors = new KeptOutput(ERRORS_KEPT);
    return sandbox
        .run(new Job(code, input, LIMIT, Optional.empty(), Optional.of(errors), kind))
        .thenAccept(ended -> check(path, ended, errors));
  }

  private static <T> CompletableFuture<T> failed(Reason reason, String path, String why) {
    return CompletableFuture.failedFuture(new SandboxFileException(reason, path, why));
  }

  private static SandboxFileException tooLarge(String path) {
    return new SandboxFileException(
        Reason.TOO_LARGE,
        path,
        "it is above " + SandboxService.MAX_FILE_BYTES + " bytes; move it in parts");
  }

  private static void check(String path, Ended ended, KeptOutput errors) {
    if (ended.exitCode() == 0) {
      return;
    }
    String said = errors.text();
    throw switch (ended.exitCode()) {
      case IS_DIRECTORY -> new SandboxFileException(Reason.IS_DIRECTORY, path, "it is a directory");
      case NOT_REGULAR ->
          new SandboxFileException(Reason.IO_FAILED, path, "it is not a regular file");
      case NOT_WRITABLE ->
          new SandboxFileException(
              Reason.PERMISSION_DENIED, path, "the sandbox's user may not write it");
      default ->
          new SandboxFileException(
              reason(said),
              path,
              said.isEmpty() ? "exit code " + ended.exitCode() + ", " + ended.outcome() : said);
    };
  }

  /** Shells and tools say the same things in different cases. */
  private static Reason reason(String said) {
    String lower = said.toLowerCase(java.util.Locale.ROOT);
    if (lower.contains("permission denied") || lower.contains("read-only file system")) {
      return Reason.PERMISSION_DENIED;
    }
    if (lower.contains("no such file")) {
      return Reason.NOT_FOUND;
    }
    return lower.contains("is a directory") ? Reason.IS_DIRECTORY : Reason.IO_FAILED;
  }
}
