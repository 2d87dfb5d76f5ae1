package io.sandbeam.runners;

import io.sandbeam.transforms.CommandResult;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.beam.sdk.transforms.DoFn;

/**
 * Fails a bundle behind its commands once in the whole job, and tells who ran what: the task in
 * what it answers, the process in a file of its own.
 */
final class FailOnce extends DoFn<CommandResult, String> {
  private static final long serialVersionUID = 1;
  private static final String PROCESS = "process-";

  private final String folder;
  private transient String task;

  FailOnce(Path folder) {
    this.folder = folder.toString();
  }

  /** Whether a bundle has failed. */
  static boolean failedIn(Path folder) {
    return Files.exists(mark(folder));
  }

  private static Path mark(Path folder) {
    return folder.resolve("failed");
  }

  /** How many processes got results of commands, in whichever try. */
  static int processesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return (int) files.filter(file -> file.getFileName().toString().startsWith(PROCESS)).count();
    }
  }

  @Setup
  public void setup() {
    task = UUID.randomUUID().toString();
  }

  @ProcessElement
  public void process(@Element CommandResult result, OutputReceiver<String> output)
      throws IOException {
    Path place = Path.of(folder);
    Files.writeString(place.resolve(PROCESS + ProcessHandle.current().pid()), "");
    try {
      Files.createFile(mark(place));
    } catch (FileAlreadyExistsException e) {
      output.output(result.getId() + " " + task);
      return;
    }
    throw new IllegalStateException("fails once, on purpose");
  }
}
