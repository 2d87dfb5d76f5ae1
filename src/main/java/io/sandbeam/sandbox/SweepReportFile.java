package io.sandbeam.sandbox;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxValidationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Where a sweep's report goes as JSON: checked before the sweep, written after it. Immutable. */
public final class SweepReportFile {
  private final Path path;

  private SweepReportFile(Path path) {
    this.path = path;
  }

  /**
   * A file, which need not exist; its folder must.
   *
   * @throws SandboxValidationException when nothing can be written there
   */
  public static SweepReportFile at(String file) {
    Path path;
    try {
      path = Path.of(file).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw refused(file, e.getMessage());
    }
    if (file.isBlank() || Files.isDirectory(path)) {
      throw refused(file, "it is a folder: name a file");
    }
    if (!Files.isDirectory(path.getParent())) {
      throw refused(file, "there is no folder " + path.getParent() + ": make it first");
    }
    if (!Files.isWritable(path.getParent())) {
      throw refused(file, "folder " + path.getParent() + " cannot be written");
    }
    return new SweepReportFile(path);
  }

  private static SandboxValidationException refused(String file, String why) {
    return new SandboxValidationException(
        "sweepReport", "Invalid --sweepReport=" + file + ": " + why);
  }

  /**
   * Puts the report in the place of what is there; whoever reads meanwhile gets one or the other.
   *
   * @throws SandboxException when that cannot be done
   */
  public void write(SweepReport report) {
    Path beside =
        path.resolveSibling(path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      try {
        Files.writeString(beside, report.json(), StandardCharsets.UTF_8);
        Files.move(
            beside, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(beside);
      }
    } catch (IOException e) {
      throw new SandboxException("The sweep's report cannot be written to " + path + ": " + e, e);
    }
  }
}
