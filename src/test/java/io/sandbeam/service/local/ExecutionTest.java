package io.sandbeam.service.local;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.leased.Job;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExecutionTest {
  private static final long SECOND = 1_000_000_000L;

  private final List<String> asked = new ArrayList<>();

  private final Execution execution =
      new Execution(
          1,
          0,
          new Job(
              number -> "",
              new byte[0],
              Duration.ofDays(1),
              Optional.empty(),
              Optional.empty(),
              Job.Kind.COMMAND),
          new Execution.Controls() {
            @Override
            public void kill(Execution execution) {
              asked.add("kill");
            }

            @Override
            public void giveUp(Execution execution) {
              asked.add("give up");
            }

            @Override
            public void check(Execution execution) {
              asked.add("check");
            }
          });

  private final long start = System.nanoTime();

  private void look(long seconds) {
    execution.look(start + seconds * SECOND, new byte[1]);
  }

  @Test
  void givenAWatchdogThatDoesNotAnswer_thenItsPipeIsNotFilled() {
    for (int second = 2; second < 10_000; second++) {
      look(second);
    }

    assertThat(asked, is(List.of("check")));
  }

  @Test
  void givenAWatchdogThatAnswers_thenItIsAskedAgainASecondLater() {
    look(2);
    execution.answered();
    look(2);
    look(4);

    assertThat(asked, is(List.of("check", "check")));
  }

  @Test
  void givenACommandThatWithstandsItsKill_thenItsSandboxIsGivenUpAfterFiveSeconds() {
    execution.requestKill();
    look(4);
    assertThat(asked, is(List.of("kill", "check")));

    look(6);

    assertThat(asked, is(List.of("kill", "check", "give up")));
  }
}
