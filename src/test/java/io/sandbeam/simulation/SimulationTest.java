package io.sandbeam.simulation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.sandbeam.testing.Operation;
import java.time.Duration;
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
  void givenReadsThatFailForMinutesAndStopsThatHang_thenWhoTakesThemForGoneIsFound() {
    Fault unreadable = atTheEnd(Fault.Kind.FAIL_READS);
    Fault stuck = atTheEnd(Fault.Kind.STICK_STOPS);
    List<String> found = new ArrayList<>();
    for (long seed = 1; seed <= 60; seed++) {
      Plan plan = Plan.of(seed).withFaults(List.of(stuck, unreadable));
      assertThat(
          "seed " + seed, Simulation.run(plan, Bug.NONE, false).broken(), is(Optional.empty()));
      Simulation.run(plan, Bug.READ_ERRORS_ARE_GONE, false).broken().ifPresent(found::add);
    }
    assertThat(found, hasItem(containsString("reports EMPTY, and sandbox")));
  }

  @Test
  void givenASealThatFails_thenWhoTakesItForHeldIsFound() {
    Plan plan = null;
    for (long seed = 1; plan == null; seed++) {
      plan = Plan.of(seed).seals() ? Plan.of(seed) : null;
    }
    Fault refused =
        new Fault(
            Fault.Kind.ERROR, Fault.Since.END, Duration.ZERO, Duration.ZERO, 0, Operation.SEAL, 0);

    Optional<String> broken =
        Simulation.run(plan.withFaults(List.of(refused)), Bug.SEAL_ERRORS_ARE_SEALED, false)
            .broken();

    assertThat(broken.orElse(""), containsString("reports that the job is sealed, and it is not"));
  }

  @Test
  void givenAFaultThatFindsNothingToBreak_thenItIsNotCounted() {
    Fault kill = atTheEnd(Fault.Kind.KILL_LAUNCHER);
    Fault again = kill.soonAfter(kill, 1);

    Simulation.Outcome outcome = Simulation.run(Plan.of(1).withFaults(List.of(kill, again)));

    assertThat(outcome.hit(), is(List.of(kill)));
  }

  private static Fault atTheEnd(Fault.Kind kind) {
    return new Fault(kind, Fault.Since.END, Duration.ZERO, Duration.ofMinutes(3), 0, null, 4);
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
