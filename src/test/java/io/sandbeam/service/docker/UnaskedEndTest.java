package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Tag;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sandboxes that end under their commands, and whether somebody wanted that. */
@Timeout(120)
class UnaskedEndTest {
  private final DockerFixture docker = new DockerFixture();

  @AfterEach
  void nothingIsLeft() {
    docker.close();
  }

  private CompletableFuture<ExecResult> command(String id) {
    return docker.service.exec(id, ExecRequest.of("sleep", "300"));
  }

  private static SandboxNotRunningException end(CompletableFuture<ExecResult> command) {
    return assertThrows(SandboxNotRunningException.class, () -> DockerFixture.get(command));
  }

  private void killFirstProcess(String id) {
    long pid = docker.engine().inspectContainerCmd(id).exec().getState().getPidLong();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
  }

  @Test
  void givenFirstProcessThatDies_thenNobodyIsSaidToHaveDeletedIt() {
    String id = docker.create();
    CompletableFuture<ExecResult> command = command(id);

    killFirstProcess(id);

    SandboxNotRunningException e = end(command);
    assertThat(e.state(), is(SandboxState.FAILED));
    assertThat(e.getMessage(), containsString("its first process ended with exit code 137"));
  }

  @Test
  void givenContainerThatAnotherClientRemoved_thenItWasDeletedBySomebodyElse() {
    String id = docker.create();
    CompletableFuture<ExecResult> command = command(id);

    docker.engine().removeContainerCmd(id).withForce(true).exec();

    SandboxNotRunningException e = end(command);
    assertThat(e.getMessage(), e.state(), is(SandboxState.TERMINATED));
  }

  @Test
  void givenJobThatIsSealed_thenItsSandboxesWereEndedWithIt() {
    Tag job = Tag.job(UUID.randomUUID().toString());
    String id = docker.create(docker.spec().tags(job.value()).build());
    CompletableFuture<ExecResult> command = command(id);
    DockerFixture.get(docker.service.seal(job));

    killFirstProcess(id);

    assertThat(end(command).state(), is(SandboxState.TERMINATED));
  }

  @Test
  void givenMemoryThatIsUsedUpByFiles_thenTheEndSaysSo() {
    String id =
        docker.create(
            docker
                .spec()
                .resources(
                    Resources.DEFAULT
                        .withMemory(ByteSize.ofMebibytes(24))
                        .withDisk(ByteSize.ofMebibytes(200)))
                .build());
    // What fills the memory outlives who wrote it: in the end the killer comes to process 1.
    CompletableFuture<ExecResult> command =
        docker.service.exec(
            id,
            ExecRequest.of(
                "sh", "-c", "while :; do cat /dev/zero >> file; cat file > /dev/null; done"));

    SandboxNotRunningException e = end(command);
    assertThat(e.state(), is(SandboxState.FAILED));
    assertThat(e.getMessage(), containsString("its memory was used up"));
  }
}
