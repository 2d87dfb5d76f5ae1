package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.InternalServerErrorException;
import com.github.dockerjava.api.exception.NotFoundException;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be tried again, and what is wrong in the request. */
class EngineFailureTest {
  private static SandboxException of(DockerException said) {
    DockerSettings settings =
        DockerSettings.of(ServiceConfig.of("docker:unix:///nonexistent"), Map.of());
    return EngineFailure.of(Engine.of(settings), "start it", said, Effect.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "No such image: absent:latest",
        "absent: image not known",
        "network absent not found",
      })
  void givenNameOfNothing_thenItIsRefused(String said) {
    assertThat(of(new NotFoundException(said)), instanceOf(SandboxValidationException.class));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "No such container: sb-1",
        "no container with name or ID \"sb-1\" found: no such container",
      })
  void givenContainerThatIsGone_thenItMayBeTriedAgainAndNothingWasDone(String said) {
    SandboxException e = of(new NotFoundException(said));

    assertThat(e, instanceOf(SandboxUnavailableException.class));
    assertThat(e.effect(), is(Effect.NONE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "runc: runc create failed: unable to start container process: exec: \"/bin/sh\": stat"
            + " /bin/sh: no such file or directory: OCI runtime attempted to invoke a command that"
            + " was not found",
        "crun: executable file `/bin/sh` not found: No such file or directory: OCI runtime attempted"
            + " to invoke a command that was not found",
        "runc: runc create failed: unable to start container process: exec: \"/bin/sh\": permission"
            + " denied: OCI runtime permission denied error",
      })
  void givenImageWithoutAShellThatRuns_thenItIsRefused(String said) {
    assertThat(
        of(new InternalServerErrorException(said)), instanceOf(SandboxValidationException.class));
  }

  @ParameterizedTest
  @ValueSource(strings = {"no such file or directory", "driver failed to remove root filesystem"})
  void givenTroubleOfTheEngine_thenItMayBeTriedAgain(String said) {
    assertThat(of(new InternalServerErrorException(said)).retryable(), is(true));
  }
}
