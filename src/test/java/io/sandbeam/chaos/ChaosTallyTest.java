package io.sandbeam.chaos;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That the figures of a README are there by kind. */
class ChaosTallyTest {
  private static RoundReport report(Kind kind, int lost, int leaked, long emptyMillis) {
    return new RoundReport(
        Plan.of(1, kind),
        true,
        40,
        lost,
        0,
        leaked,
        false,
        Duration.ofMillis(emptyMillis),
        Duration.ofSeconds(9),
        leaked + lost == 0 ? List.of() : List.of("something is left"));
  }

  @Test
  void givenRoundsOfSomeKinds_thenEachHasItsRowAndTheLastLineSumsUp() {
    ChaosTally tally = new ChaosTally();
    tally.add(report(Kind.CUT_SERVER, 2, 0, 1500));
    tally.add(report(Kind.KILL_DIRECT, 0, 0, 700));
    tally.add(report(Kind.CUT_SERVER, 0, 1, 2600));

    assertThat(
        tally.table().subList(2, 4),
        contains(
            "| `kill-direct` | 1 | 0 | 0 | none promised | 0.7 s |",
            "| `cut-server` | 2 | 1 | 0 | 2 | 2.6 s |"));
    assertThat(
        tally.line(),
        startsWith(
            "3 rounds (3 in the middle of the job): 1 leaked, 0 foreign sandboxes touched,"
                + " 2 of 120 elements lost"));
    assertThat(tally.isGood(), is(false));
  }
}
