package io.sandbeam.yaml;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptionsFactory;

/** Reads, runs and fails pipeline files for the tests. */
final class PipelineFiles {
  static final String NAME = "test.yaml";

  private PipelineFiles() {}

  /** What is said of a file that cannot be run as it is written. */
  static String error(String... lines) {
    return assertThrows(
            PipelineFileException.class, () -> PipelineFile.parse(NAME, text(lines), Map.of()))
        .getMessage();
  }

  /** What is said when the transforms of a file are put together. */
  static String applyError(String... lines) {
    PipelineFile file = PipelineFile.parse(NAME, text(lines), Map.of());
    return assertThrows(PipelineFileException.class, () -> file.applyTo(pipeline())).getMessage();
  }

  static PipelineResult.State run(Map<String, String> variables, String... lines) {
    Pipeline pipeline = pipeline();
    PipelineFile.parse(NAME, text(lines), variables).applyTo(pipeline);
    return pipeline.run().waitUntilFinish();
  }

  static PipelineResult.State run(String... lines) {
    return run(Map.of(), lines);
  }

  /** Everything that {@code prefix-00000-of-…} files hold. */
  static List<String> output(Path prefix) {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(prefix.getParent())) {
      for (Path file : files.sorted().toList()) {
        if (file.getFileName().toString().startsWith(prefix.getFileName() + "-")) {
          lines.addAll(Files.readAllLines(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  static Pipeline pipeline() {
    return Pipeline.create(PipelineOptionsFactory.fromArgs("--targetParallelism=1").create());
  }

  static String text(String... lines) {
    return String.join("\n", lines) + "\n";
  }
}
