package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.leased.CommandCode;
import io.sandbeam.service.leased.Job;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which command a process was killed for memory of. */
class OutcomesTest {
  private final Outcomes outcomes = new Outcomes();

  private ExecOutcome ended(int code, long oomBefore, long oomKills) {
    Job job =
        new Job(
            CommandCode.own("true", List.of()),
            new byte[0],
            Duration.ofSeconds(1),
            Optional.empty(),
            Optional.empty(),
            Job.Kind.COMMAND);
    Execution execution = new Execution(1, 0, job, Secret.mark(), "");
    execution.exit = new Execution.Exit(code, 0, oomBefore, oomKills);
    return outcomes.of(execution).outcome();
  }

  @Test
  void givenKillUnderACommandThatFails_thenOutOfMemory() {
    assertThat(ended(137, 0, 1), is(ExecOutcome.OUT_OF_MEMORY));
    assertThat(ended(1, 1, 2), is(ExecOutcome.OUT_OF_MEMORY));
  }

  @Test
  void givenKillUnderACommandThatSucceeds_thenTheNextOneIsNotChargedWithIt() {
    assertThat(ended(0, 0, 1), is(ExecOutcome.EXITED));
    assertThat(ended(1, 1, 1), is(ExecOutcome.EXITED));
  }

  @Test
  void givenKillsBeforeACommandBegan_thenItIsNotChargedWithThem() {
    assertThat(ended(1, 3, 3), is(ExecOutcome.EXITED));
  }

  @Test
  void givenKillThatACommandBesideItWasChargedWith_thenTheOtherOneIsNot() {
    assertThat(ended(137, 0, 1), is(ExecOutcome.OUT_OF_MEMORY));
    assertThat(ended(1, 0, 1), is(ExecOutcome.EXITED));
  }
}
