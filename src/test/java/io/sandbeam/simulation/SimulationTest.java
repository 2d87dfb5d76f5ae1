package io.sandbeam.simulation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That the simulation finds mistakes, and says the same of the same seed. */
@Timeout(120)
class SimulationTest {
  private static final int ENOUGH_SEEDS = 300;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void givenAMistake_thenSomeSeedFindsItAndItsShortestScheduleStillDoes(Bug bug) {
    Plan found = null;
    for (long seed = 1; seed <= ENOUGH_SEEDS && found == null; seed++) {
      Plan plan = Plan.of(seed);
      if (Simulation.run(plan, bug, false).broken().isPresent()) {
        found = plan;
      }
    }
    assertThat(bug + " is found within " + ENOUGH_SEEDS + " seeds", found != null, is(true));

    List<Integer> left = Shrinking.shortest(found, bug);

    assertThat(left.size(), is(lessThanOrEqualTo(found.faults().size())));
    Plan shortest = Shrinking.only(found, left);
    assertThat(Simulation.run(shortest, bug, false).broken().isPresent(), is(true));
    assertThat(
        "without the mistake",
        Simulation.run(found, Bug.NONE, false).broken(),
        is(Optional.empty()));
    for (int i = 0; i < left.size(); i++) {
      List<Integer> fewer = new ArrayList<>(left);
      fewer.remove(i);
      Plan less = Shrinking.only(found, fewer);
      assertThat(Simulation.run(less, bug, false).broken(), is(Optional.empty()));
    }
  }

  @Test
  void givenASeed_thenEveryRunOfItIsTheSame() {
    for (long seed = 1; seed <= 50; seed++) {
      Simulation.Outcome one = Simulation.run(Plan.of(seed), Bug.NONE, true);
      Simulation.Outcome other = Simulation.run(Plan.of(seed), Bug.NONE, true);
      assertThat("seed " + seed, other.trace(), is(one.trace()));
      assertThat(other.digest(), is(one.digest()));
    }
  }
}
