package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import org.junit.jupiter.api.Test;

/** How much one worker does at a time. */
class InFlightTest {
  private static final long LITTLE = 10;

  private final InFlight inFlight = new InFlight(2, 1000);

  @Test
  void givenAsManyCommandsAsMayRun_thenTheNextOneWaitsForTheEndOfOne() {
    assertThat(enter(), is(true));
    assertThat(enter(), is(true));
    assertThat(enter(), is(false));
    inFlight.commandEnded();
    assertThat(enter(), is(true));
  }

  @Test
  void givenSandboxesThatAreSlowToEnd_thenAtMostAsManyAgainAreEnding() {
    for (int i = 0; i < 2; i++) {
      assertThat(enter(), is(true));
      inFlight.commandEnded();
    }
    assertThat(enter(), is(true));
    assertThat(enter(), is(true));
    inFlight.commandEnded();
    assertThat("4 sandboxes are there", enter(), is(false));
    inFlight.sandboxReturned();
    assertThat(enter(), is(true));
  }

  @Test
  void givenMuchHeldOutput_thenABundleWithCommandsUnderWayWaitsAndAnEmptyOneEnters() {
    assertThat(inFlight.tryEnter(900, true), is(true));
    assertThat(inFlight.tryEnter(200, false), is(false));
    assertThat(inFlight.tryEnter(200, true), is(true));
    inFlight.resize(900, 0);
    inFlight.commandEnded();
    assertThat(inFlight.tryEnter(200, false), is(true));
  }

  @Test
  void givenEverythingEndedAndReturned_thenItIsIdle() {
    assertThat(enter(), is(true));
    inFlight.commandEnded();
    assertThat(inFlight.isIdle(), is(false));
    inFlight.sandboxReturned();
    assertThat(inFlight.isIdle(), is(true));
  }

  private boolean enter() {
    return inFlight.tryEnter(LITTLE, true);
  }
}
