package io.sandbeam.testing;

import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxFileException.Reason;
import io.sandbeam.service.SandboxService;

/** Files of simulated sandboxes: a map, no links, no permissions. */
final class SimulatedFiles {
  private final SimulatedWorld world;

  SimulatedFiles(SimulatedWorld world) {
    this.world = world;
  }

  byte[] read(String sandboxId, String path) {
    SandboxService.checkFilePath(path);
    synchronized (world) {
      SimulatedSandbox sandbox = world.findRunning(sandboxId);
      byte[] content = sandbox.files.get(path);
      if (content == null) {
        throw isDirectory(sandbox, path)
            ? new SandboxFileException(Reason.IS_DIRECTORY, path, "it is a directory")
            : new SandboxFileException(Reason.NOT_FOUND, path, "not found");
      }
      checkSize(path, content);
      return content.clone();
    }
  }

  void write(String sandboxId, String path, byte[] content) {
    SandboxService.checkFilePath(path);
    synchronized (world) {
      SimulatedSandbox sandbox = world.findRunning(sandboxId);
      checkSize(path, content);
      if (isDirectory(sandbox, path)) {
        throw new SandboxFileException(Reason.IS_DIRECTORY, path, "it is a directory");
      }
      sandbox.files.put(path, content.clone());
    }
  }

  private static void checkSize(String path, byte[] content) {
    if (content.length > SandboxService.MAX_FILE_BYTES) {
      throw new SandboxFileException(
          Reason.TOO_LARGE,
          path,
          content.length + " bytes; the most is " + SandboxService.MAX_FILE_BYTES);
    }
  }

  private static boolean isDirectory(SimulatedSandbox sandbox, String path) {
    return path.equals("/workspace")
        || path.equals("/tmp")
        || sandbox.files.keySet().stream().anyMatch(file -> file.startsWith(path + "/"));
  }
}
