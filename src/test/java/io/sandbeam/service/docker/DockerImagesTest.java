package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.testing.TestEngine;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that lack something, or are otherwise not as most are. */
class DockerImagesTest {
  private static final String CHANGED = "sandbeam-test/changed";

  private final DockerFixture docker = new DockerFixture(TestEngine.DOCKER.config(CHANGED));

  @AfterEach
  void nothingIsLeft() {
    docker.close();
  }

  /** An image of Debian after this. */
  private void change(String script) {
    DockerClient engine = docker.engine();
    String id =
        engine
            .createContainerCmd(TestEngine.DEBIAN)
            .withCmd("/bin/sh", "-c", script)
            .exec()
            .getId();
    engine.startContainerCmd(id).exec();
    engine.waitContainerCmd(id).exec(new WaitContainerResultCallback()).awaitStatusCode();
    engine.commitCmd(id).withRepository(CHANGED).withTag("latest").exec();
    engine.removeContainerCmd(id).exec();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cp", "chmod", "cat", "rm", "mkfifo", "dd", "sleep"})
  void givenImageWithoutAToolThatProcessOneNeeds_thenRefusedAndItSaysWhich(String tool) {
    change("rm -f /bin/" + tool + " /usr/bin/" + tool);

    SandboxException e = assertThrows(SandboxValidationException.class, docker::create);

    assertThat(e.getMessage(), containsString("it has no " + tool));
    assertThat(e.getMessage(), containsString(CHANGED));
    assertThat(e.retryable(), is(false));
  }

  @Test
  void givenImageWhoseShellIsNone_thenItsCreateFails() {
    change("cp /bin/true /t; rm /bin/sh; mv /t /bin/sh");

    SandboxException e = assertThrows(SandboxException.class, docker::create);

    assertThat(e.getMessage(), containsString("its first process ended"));
  }

  @Test
  void givenImageWhoseShellDoesNotTellOfSignals_thenRefusedAndItSaysWhy() {
    // What is copied as the shell is none.
    change(
        "rm /bin/cp; printf '#!/bin/dash\\nexec cat /bin/true > \"$2\"\\n' > /bin/cp;"
            + " chmod 755 /bin/cp");

    SandboxException e = assertThrows(SandboxValidationException.class, docker::create);

    assertThat(e.getMessage(), containsString("its /bin/sh says 0 where a command was killed"));
  }

  @ParameterizedTest
  @ValueSource(strings = {TestEngine.BUSYBOX, TestEngine.DEBIAN})
  void givenACommand_thenAnInterruptReachesIt(String image) {
    String id = docker.create(docker.spec().image(image).build());

    ExecResult result =
        docker.exec(
            id,
            ExecRequest.builder("sh", "-c", "kill -INT $$; echo on")
                .timeout(Duration.ofSeconds(20))
                .build());

    assertThat(result.exitCode(), is(130));
    assertThat(result.stdoutUtf8(), is(""));
  }
}
