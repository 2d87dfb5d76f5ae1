package io.sandbeam.faults;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.is;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.transforms.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** That the independent count finds what is left of a command, and so proves something. */
@Timeout(60)
class ProcessTableTest {
  @TempDir Path folder;

  @Test
  void givenAProcessThatACommandLeftBehind_thenItIsFoundUntilItsSandboxEnds() throws IOException {
    // Passable for the user that root's sandboxes run as, which JUnit's temporary folders are not.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    String marker = "sandbeam-found-" + Long.toHexString(System.nanoTime()) + "-";
    Command command = PipelineVictim.command(marker);
    try (SandboxService service =
        SandboxServices.open(
            ServiceConfig.of("local")
                .withSetting("state-dir", folder.resolve("state").toString()))) {
      try (Sandbox sandbox =
          Sandbox.run(
              service,
              SandboxDefaults.builder()
                  .tags("job.found")
                  .maxLifetime(Duration.ofMinutes(5))
                  .build())) {
        assertThat(ProcessTable.holding(marker), is(empty()));
        sandbox
            .exec(ExecRequest.builder(command.getCommand()).env(command.getEnv()).build())
            .join();

        assertThat(ProcessTable.holding(marker), contains(endsWith(" sleep 30 ")));
      }
      assertThat(ProcessTable.holding(marker), is(empty()));
    }
  }
}
