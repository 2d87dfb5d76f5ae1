package io.sandbeam.service.docker;

import io.sandbeam.service.leased.CommandCode;
import io.sandbeam.service.leased.FileTransfer;
import io.sandbeam.service.leased.Job;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Moves files in and out by functions of process 1. */
final class FilePrograms implements FileTransfer.Programs {
  static final FileTransfer FILES = new FileTransfer(new FilePrograms());

  private FilePrograms() {}

  @Override
  public CommandCode read(String path, int most) {
    return CommandCode.own("get_file", List.of(path, Integer.toString(most)));
  }

  @Override
  public CommandCode write(String path) {
    return CommandCode.own("put_file", List.of(path, Secret.random()));
  }

  static CompletableFuture<Void> makeDirectory(DockerSandbox sandbox, String path) {
    CommandCode code = CommandCode.own("export LC_ALL=C; exec mkdir -p --", List.of(path));
    return FileTransfer.run(sandbox, path, code, new byte[0], Job.Kind.INTERNAL);
  }
}
