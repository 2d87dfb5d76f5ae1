package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import io.sandbeam.service.SandboxException;
import io.sandbeam.testing.FaultySandboxService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a launcher knows of the workers in its own JVM. */
@Timeout(60)
class JobLedgerTest {
  private final FaultySandboxService service = FaultySandboxService.inMemory();
  private final Session session = Session.open(service, SandboxDefaults.none());

  @AfterEach
  void leavesNothing() {
    session.close();
    assertThat(service.live(), is(empty()));
    service.close();
  }

  @Test
  void givenASessionThatIsStillClosing_thenWhatItDidCountsAllTheSame() {
    try (JobLedger ledger = JobLedger.open("job")) {
      JobLedger.opened("job", session);
      session.sandbox().start().join();
      assertThat(ledger.isUsed(), is(true));
      assertThat(ledger.created(), is(1L));
      assertThat(ledger.closed(), is(0L));
      assertThat("it may create more", ledger.isBalanced(), is(false));
      session.close();
      JobLedger.closed("job", session);
      assertThat(ledger.closed(), is(1L));
      assertThat(ledger.isBalanced(), is(true));
    }
  }

  @Test
  void givenASandboxThatItsSessionCouldNotAccountFor_thenNothingIsBalanced() {
    try (JobLedger ledger = JobLedger.open("job")) {
      JobLedger.opened("job", session);
      // As a create that was never answered: neither created nor closed, and still tracked.
      session.sandbox();
      JobLedger.closed("job", session);
      assertThat(ledger.created(), is(ledger.closed()));
      assertThat(ledger.isBalanced(), is(false));
    }
  }

  @Test
  void givenASessionOfAnEarlierRun_thenItsEndIsNotThisRuns() {
    session.sandbox().start().join();
    session.close();
    try (JobLedger ledger = JobLedger.open("job")) {
      JobLedger.closed("job", session);
      assertThat(ledger.isUsed(), is(false));
      assertThat(ledger.created(), is(0L));
    }
    assertThrows(SandboxException.class, session::sandbox);
  }
}
