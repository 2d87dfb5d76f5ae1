package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.testing.ForwardingSandboxService;
import io.sandbeam.testing.Operation;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long the SDK waits for an answer: as long as the service says, and not for ever. */
class ExecutionTest extends SimulatedServiceTest {
  private static final ExecRequest COMMAND =
      ExecRequest.builder("echo", "hi").timeout(Duration.ofSeconds(10)).build();

  /** It holds calls back until its quota has room. */
  private final class Patient extends ForwardingSandboxService {
    Patient() {
      super(service);
    }

    @Override
    public Duration longestExec(ExecRequest request) {
      return Duration.ofMinutes(10);
    }

    @Override
    public Duration longestFileCall() {
      return Duration.ofMinutes(10);
    }
  }

  @Test
  void givenAServiceThatHoldsCommandsAndFilesBack_thenTheirTimeIsNotOverMeanwhile() {
    Sandbox sandbox = Sandbox.owned(new Patient(), TAGGED, time);
    await(sandbox.start());
    for (Operation held :
        new Operation[] {Operation.EXEC, Operation.WRITE_FILE, Operation.READ_FILE}) {
      service.latency(held, Duration.ofMinutes(2));
    }

    await(sandbox.writeFile("/workspace/file", new byte[] {7}));
    assertThat(await(sandbox.exec(COMMAND)).stdoutUtf8(), is("hi\n"));
    assertThat(await(sandbox.readFile("/workspace/file")), is(new byte[] {7}));

    await(sandbox.stop());
  }

  @Test
  void givenAServiceThatNeverAnswers_thenTheCommandFailsAfterItsLimitAndTheWay() {
    Sandbox sandbox = lazy();
    await(sandbox.start());
    service.hangNext(Operation.EXEC, 1);
    Duration start = time.elapsed();

    assertThat(failureOf(sandbox.exec(COMMAND)), is(instanceOf(SandboxTimeoutException.class)));
    assertThat(time.elapsed().minus(start), is(Duration.ofSeconds(40)));

    await(sandbox.stop());
  }
}
