package io.sandbeam.service.leased;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxFileException.Reason;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxUnavailableException;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Files in and out, by commands that run inside the sandbox: what a path means, and who may read
 * it, is the sandbox's own affair. Immutable.
 */
public record FileTransfer(Programs programs) {
  /** How long one transfer may take. */
  public static final Duration LIMIT = Duration.ofMinutes(2);

  /** How much of what a program complains about is kept. */
  public static final int ERRORS_KEPT = 2000;

  private static final int IS_DIRECTORY = 41;
  private static final int NOT_REGULAR = 42;
  private static final int NOT_WRITABLE = 43;

  /**
   * The commands that do it. They end with 41 when the path is a directory, with 42 when it is no
   * regular file, with 43 when it may not be written, and say the rest on standard error.
   */
  public interface Programs {
    /** Writes at most so many bytes of a file to standard output. */
    CommandCode read(String path, int most);

    /** Makes standard input the content of a file: all of it, or none. */
    CommandCode write(String path);
  }

  /** The whole content. Fails with {@link SandboxFileException}. */
  public CompletableFuture<byte[]> read(LeasedSandbox sandbox, String path) {
    checkName(path);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    KeptOutput errors = new KeptOutput(ERRORS_KEPT);
    return sandbox
        .run(
            new Job(
                programs.read(path, SandboxService.MAX_FILE_BYTES + 1),
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
              checkSize(path, content.size());
              return content.toByteArray();
            });
  }

  /** Fails with {@link SandboxFileException}. */
  public CompletableFuture<Void> write(
      LeasedSandbox sandbox, String path, byte[] content, Job.Kind kind) {
    check(path, content);
    return run(sandbox, path, programs.write(path), content, kind);
  }

  /** Runs a command that does something to a path, and fails as a write does. */
  public static CompletableFuture<Void> run(
      LeasedSandbox sandbox, String path, CommandCode code, byte[] input, Job.Kind kind) {
    KeptOutput errors = new KeptOutput(ERRORS_KEPT);
    return sandbox
        .run(new Job(code, input, LIMIT, Optional.empty(), Optional.of(errors), kind))
        .thenAccept(ended -> check(path, ended, errors));
  }

  /** Refuses what cannot be written, or is too large. */
  public static void check(String path, byte[] content) {
    checkName(path);
    checkSize(path, content.length);
  }

  private static void checkName(String path) {
    if (path.endsWith("/")) {
      throw new SandboxFileException(Reason.IS_DIRECTORY, path, "its name ends with /");
    }
  }

  private static void checkSize(String path, int size) {
    if (size > SandboxService.MAX_FILE_BYTES) {
      throw new SandboxFileException(
          Reason.TOO_LARGE,
          path,
          "it is above " + SandboxService.MAX_FILE_BYTES + " bytes; move it in parts");
    }
  }

  /** Fails when the command that moved a file did. */
  public static void check(String path, Ended ended, KeptOutput errors) {
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

  /** Shells and tools say the same in different cases, and dash says no more than what is here. */
  private static Reason reason(String said) {
    String lower = said.toLowerCase(Locale.ROOT);
    if (lower.contains("permission denied") || lower.contains("read-only file system")) {
      return Reason.PERMISSION_DENIED;
    }
    if (lower.contains("no such file")) {
      return Reason.NOT_FOUND;
    }
    return lower.contains("is a directory") ? Reason.IS_DIRECTORY : Reason.IO_FAILED;
  }
}
