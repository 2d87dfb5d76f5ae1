package io.sandbeam.chaos;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.is;

import io.sandbeam.faults.ProcessTable;
import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** That a round's count by the process table finds what a command of its job leaves. */
@Timeout(60)
class JobFileTest {
  @TempDir Path folder;

  @Test
  void givenACommandOfARound_thenTheProcessItLeavesIsFoundUntilItsSandboxEnds() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Plan plan = Plan.of(System.nanoTime(), Kind.KILL_DIRECT);
    ExecRequest command = command(plan);
    try (SandboxService service =
        SandboxServices.open(
            ServiceConfig.of("local")
                .withSetting("state-dir", folder.resolve("state").toString()))) {
      try (Sandbox sandbox =
          Sandbox.run(
              service,
              SandboxDefaults.builder()
                  .tags("job." + plan.job())
                  .maxLifetime(Duration.ofMinutes(5))
                  .build())) {
        assertThat(ProcessTable.holding(plan.marker()), is(empty()));
        sandbox.exec(command).join();

        assertThat(ProcessTable.holding(plan.marker()), contains(endsWith(" sleep 60 ")));
      }
      assertThat(ProcessTable.holding(plan.marker()), is(empty()));
    }
  }

  /** As the file says it. */
  private ExecRequest command(Plan plan) throws IOException {
    Map<String, Object> file =
        new Yaml().load(Files.readString(folder.resolve(new JobFile(folder, plan).write())));
    Map<?, ?> pipeline = (Map<?, ?>) file.get("pipeline");
    Map<?, ?> work = (Map<?, ?>) ((List<?>) pipeline.get("transforms")).get(1);
    Map<?, ?> config = (Map<?, ?>) work.get("config");
    List<String> words = ((List<?>) config.get("command")).stream().map(String::valueOf).toList();
    ExecRequest.Builder request = ExecRequest.builder(words);
    ((Map<?, ?>) config.get("env"))
        .forEach((name, value) -> request.env(String.valueOf(name), String.valueOf(value)));
    return request.build();
  }
}
