package io.sandbeam.runners;

import io.sandbeam.transforms.CommandResult;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.beam.sdk.transforms.DoFn;

/** Fails a bundle behind its commands once in the whole job, and tells which worker ran what. */
final class FailOnce extends DoFn<CommandResult, String> {
  private static final long serialVersionUID = 1;

  private final String mark;

  FailOnce(Path mark) {
    this.mark = mark.toString();
  }

  @ProcessElement
  public void process(@Element CommandResult result, OutputReceiver<String> output)
      throws IOException {
    try {
      Files.createFile(Path.of(mark));
    } catch (FileAlreadyExistsException e) {
      output.output(result.getId());
      return;
    }
    throw new IllegalStateException("fails once, on purpose");
  }
}
