package io.sandbeam.service.local;

import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxFileException.Reason;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.KeptOutput;
import io.sandbeam.service.leased.OutputSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Files in and out, by commands that run inside the sandbox: what a path means, and who may read
 * it, is the sandbox's own affair, and no link of it is ever followed on the host.
 */
final class FileTransfer {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int ERRORS_KEPT = 2000;
  private static final int IS_DIRECTORY = 41;
  private static final int NOT_REGULAR = 42;
  private static final int NOT_WRITABLE = 43;

  private static final String READ =
      """
      [ ! -d "$1" ] || exit 41
      exec 3< "$1" || exit 1
      [ -f "$1" ] || exit 42
      exec head -c "$2" <&3
      """;

  /** Opening a pipe without a writer would wait: look before. */
  private static final String READ_CHECKED =
      """
      if [ -e "$1" ] && [ ! -d "$1" ] && [ ! -f "$1" ]; then exit 42; fi
      """
          + READ;

  /** Writes beside the file and renames, so that nobody ever sees half of it. */
  private static final String WRITE =
      """
      put() {
        [ ! -d "$1" ] || return 41
        if [ -e "$1" ]; then
          [ -f "$1" ] || return 42
          [ -w "$1" ] || return 43
        fi
        mkdir -p -- "${1%/*}/" || return 1
        if cat > "$1.$2.partial"; then
          mv -f -- "$1.$2.partial" "$1" && return 0
        fi
        rm -f -- "$1.$2.partial"
        return 1
      }
      """;

  private FileTransfer() {}

  static CompletableFuture<byte[]> read(LocalSandbox sandbox, String path) {
    if (path.endsWith("/")) {
      return CompletableFuture.failedFuture(
          new SandboxFileException(Reason.IS_DIRECTORY, path, "its name ends with /"));
    }
    Content content = new Content();
    KeptOutput errors = new KeptOutput(ERRORS_KEPT);
    String most = Integer.toString(SandboxService.MAX_FILE_BYTES + 1);
    Job job =
        new Job(
            ExecScript.code(READ_CHECKED, List.of(path, most)),
            new byte[0],
            LIMIT,
            Optional.of(content),
            Optional.of(errors),
            Job.Kind.COMMAND);
    return sandbox
        .run(job)
        .thenApply(
            ended -> {
              if (ended.exitCode() != 0) {
                throw failure(path, ended, errors);
              }
              if (content.bytes.size() > SandboxService.MAX_FILE_BYTES) {
                throw tooLarge(path);
              }
              return content.bytes.toByteArray();
            });
  }

  static CompletableFuture<Void> write(LocalSandbox sandbox, String path, byte[] content) {
    if (path.endsWith("/")) {
      return CompletableFuture.failedFuture(
          new SandboxFileException(Reason.IS_DIRECTORY, path, "its name ends with /"));
    }
    if (content.length > SandboxService.MAX_FILE_BYTES) {
      return CompletableFuture.failedFuture(tooLarge(path));
    }
    KeptOutput errors = new KeptOutput(ERRORS_KEPT);
    Job job =
        new Job(
            number ->
                ExecScript.code(
                        WRITE + "put \"$1\" \"$2\"\nexit\n", List.of(path, Long.toString(number)))
                    .write(number),
            content,
            LIMIT,
            Optional.empty(),
            Optional.of(errors),
            Job.Kind.COMMAND);
    return sandbox.run(job).thenAccept(ended -> check(path, ended, errors));
  }

  /** Writes many files by one command, before the sandbox is usable. */
  static CompletableFuture<Void> writeAll(
      LocalSandbox sandbox, Map<String, byte[]> files, String workingDir) {
    List<String> arguments = new ArrayList<>(List.of(workingDir));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    files.forEach(
        (path, content) -> {
          if (path.endsWith("/")) {
            throw new SandboxFileException(Reason.IS_DIRECTORY, path, "its name ends with /");
          }
          if (content.length > SandboxService.MAX_FILE_BYTES) {
            throw tooLarge(path);
          }
          arguments.add(path);
          arguments.add(Integer.toString(content.length));
          all.writeBytes(content);
        });
    KeptOutput errors = new KeptOutput(ERRORS_KEPT);
    KeptOutput failedPath = new KeptOutput(ERRORS_KEPT);
    String code =
        WRITE
            + """
            mkdir -p -- "$1" || { printf %s "$1"; exit 1; }
            shift
            n=0
            while [ $# -gt 0 ]; do
              n=$((n + 1))
              head -c "$2" | put "$1" "$n" || { code=$?; printf %s "$1"; exit "$code"; }
              shift 2
            done
            exit 0
            """;
    Job job =
        new Job(
            ExecScript.code(code, arguments),
            all.toByteArray(),
            LIMIT,
            Optional.of(failedPath),
            Optional.of(errors),
            Job.Kind.INTERNAL);
    return sandbox
        .run(job)
        .thenAccept(
            ended ->
                check(
                    new String(failedPath.output().bytes(), StandardCharsets.UTF_8),
                    ended,
                    errors));
  }

  private static void check(String path, Ended ended, KeptOutput errors) {
    if (ended.exitCode() != 0) {
      throw failure(path, ended, errors);
    }
  }

  private static SandboxFileException tooLarge(String path) {
    return new SandboxFileException(
        Reason.TOO_LARGE,
        path,
        "it is above " + SandboxService.MAX_FILE_BYTES + " bytes; move it in parts");
  }

  private static SandboxFileException failure(String path, Ended ended, KeptOutput errors) {
    String said = new String(errors.output().bytes(), StandardCharsets.UTF_8).strip();
    return switch (ended.exitCode()) {
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

  private static Reason reason(String said) {
    if (said.contains("Permission denied") || said.contains("Read-only file system")) {
      return Reason.PERMISSION_DENIED;
    }
    // dash says less than the C library: "No such file".
    if (said.contains("No such file") || said.contains("no such file")) {
      return Reason.NOT_FOUND;
    }
    if (said.contains("Is a directory")) {
      return Reason.IS_DIRECTORY;
    }
    return Reason.IO_FAILED;
  }

  /** The whole of what is read: the command itself reads no more than the limit. */
  private static final class Content implements OutputSink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void write(byte[] chunk, int offset, int length) {
      bytes.write(chunk, offset, length);
    }
  }
}
