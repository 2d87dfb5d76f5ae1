package io.sandbeam.runners;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Flink embedded in this JVM, in streaming mode. */
class FlinkStreamingSuite extends RunnerContract {

  @Override
  List<String> runner() {
    return List.of(
        "--runner=FlinkRunner",
        "--flinkMaster=[local]",
        "--streaming=true",
        "--parallelism=2",
        "--flinkConfDir=" + configuration());
  }

  /** Without checkpoints Flink runs nothing again unless it is told to. */
  private Path configuration() {
    try {
      Path conf = Files.createDirectories(folder.resolve("conf"));
      Files.writeString(
          conf.resolve("config.yaml"),
          "restart-strategy: {type: fixed-delay, fixed-delay: {attempts: 3, delay: 1 s}}\n");
      return conf;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  Retries retries() {
    return Retries.SOME;
  }

  @Override
  Jobs jobs() {
    return Jobs.AT_ONCE;
  }
}
