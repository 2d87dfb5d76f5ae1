package io.sandbeam.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The machine's own account of what is alive, independent of every service's. */
public final class ProcessTable {
  private ProcessTable() {}

  /** The processes whose arguments or environment hold some text, but for this one. */
  public static List<String> holding(String text) {
    String self = "" + ProcessHandle.current().pid();
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path entry : entries) {
        String pid = entry.getFileName().toString();
        String arguments = read(entry.resolve("cmdline"));
        if (!pid.equals(self)
            && (arguments.contains(text) || read(entry.resolve("environ")).contains(text))) {
          found.add(pid + " " + arguments.replace('\0', ' '));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new IllegalStateException("/proc cannot be listed", e);
    }
    return found;
  }

  /** The processes with this variable and value in their environment, but for this one. */
  public static List<ProcessHandle> inheriting(String variable) {
    String entry = '\0' + variable + '\0';
    return ProcessHandle.allProcesses()
        .filter(one -> one.pid() != ProcessHandle.current().pid())
        .filter(one -> ('\0' + read(Path.of("/proc", "" + one.pid(), "environ"))).contains(entry))
        .toList();
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      // A process that ends while it is read, or one of another user: not one of ours.
      return "";
    }
  }
}
