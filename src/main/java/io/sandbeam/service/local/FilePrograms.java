package io.sandbeam.service.local;

import io.sandbeam.service.leased.CommandCode;
import io.sandbeam.service.leased.FileTransfer;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.KeptOutput;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Shell code that moves files in and out: no link of a sandbox is ever followed on the host. */
final class FilePrograms implements FileTransfer.Programs {
  static final FileTransfer FILES = new FileTransfer(new FilePrograms());

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

  private FilePrograms() {}

  @Override
  public CommandCode read(String path, int most) {
    return ExecScript.code(READ_CHECKED, List.of(path, Integer.toString(most)));
  }

  @Override
  public CommandCode write(String path) {
    return number ->
        ExecScript.code(WRITE + "put \"$1\" \"$2\"\nexit\n", List.of(path, Long.toString(number)))
            .write(number);
  }

  /** Writes many files by one command, before the sandbox is usable. */
  static CompletableFuture<Void> writeAll(
      LocalSandbox sandbox, Map<String, byte[]> files, String workingDir) {
    List<String> arguments = new ArrayList<>(List.of(workingDir));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    files.forEach(
        (path, content) -> {
          FileTransfer.check(path, content);
          arguments.add(path);
          arguments.add(Integer.toString(content.length));
          all.writeBytes(content);
        });
    KeptOutput errors = new KeptOutput(FileTransfer.ERRORS_KEPT);
    KeptOutput failedPath = new KeptOutput(FileTransfer.ERRORS_KEPT);
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
            FileTransfer.LIMIT,
            Optional.of(failedPath),
            Optional.of(errors),
            Job.Kind.INTERNAL);
    return sandbox
        .run(job)
        .thenAccept(
            ended ->
                FileTransfer.check(
                    new String(failedPath.output().bytes(), StandardCharsets.UTF_8),
                    ended,
                    errors));
  }
}
