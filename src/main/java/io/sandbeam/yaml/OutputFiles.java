package io.sandbeam.yaml;

import org.apache.beam.sdk.io.TextIO;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;

/**
 * The files that a sink writes: {@code PATH-00000-of-00001} and so on, parent folders made as
 * needed.
 *
 * <p>How many files there are is {@code num_shards}; without it, one on the direct runner, so that
 * small local runs always write the same name, and as many as the runner likes elsewhere.
 */
final class OutputFiles {
  static final String PATH = "path";
  static final String NUM_SHARDS = "num_shards";

  private static final int RUNNER_DECIDES = 0;
  private static final int MOST_SHARDS = 100_000;

  private final String path;
  private final int shards;

  OutputFiles(Config config) {
    this.path = config.requiredText(PATH);
    if (path.isBlank() || path.endsWith("/")) {
      throw config
          .required(PATH)
          .location()
          .error(
              config.name(PATH)
                  + " must be the beginning of the files' names, such as out/results, not "
                  + NearestName.quoted(path));
    }
    this.shards = config.integer(NUM_SHARDS, RUNNER_DECIDES, 1, MOST_SHARDS);
  }

  /** Writes each text as a line, below an optional header in each file. */
  void write(PCollection<String> lines, String header) {
    TextIO.Write write = TextIO.write().to(path);
    if (header != null) {
      write = write.withHeader(header);
    }
    int count = shards == RUNNER_DECIDES && isSmallRun(lines) ? 1 : shards;
    if (lines.isBounded() == IsBounded.UNBOUNDED) {
      write = write.withWindowedWrites();
      count = Math.max(1, count);
    }
    if (count != RUNNER_DECIDES) {
      write = write.withNumShards(count);
    }
    lines.apply("Write", write);
  }

  private static boolean isSmallRun(PCollection<String> lines) {
    PipelineOptions options = lines.getPipeline().getOptions();
    return options.getRunner().getSimpleName().equals("DirectRunner");
  }
}
