package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;

import io.sandbeam.sandbox.SweepReport.Outcome;
import io.sandbeam.sandbox.SweepReport.Sealing;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When a job is over nothing of it begins, and whoever still works for it hears so. */
class SealedJobTest extends SimulatedServiceTest {
  private static final Tag JOB = Tag.job("a");
  private final Sweep sweep = Sweep.of(service).timing(time).job("a");

  private Sandbox ofJob(Session session) {
    return session.sandbox(SandboxDefaults.none());
  }

  private Session session() {
    return Session.open(
        service, SandboxDefaults.builder().tags("sandbeam", JOB.value()).build(), time);
  }

  @Test
  void givenASealedJob_thenItsSessionIsRefusedOnceAndAsksForNothingMore() {
    await(service.seal(JOB));
    Session session = session();

    for (int i = 0; i < 3; i++) {
      SandboxException failure = failureOf(ofJob(session).exec("true"));
      assertThat(failure, is(instanceOf(SandboxSealedException.class)));
      assertThat(failure.getMessage(), containsString("'job.a' is sealed"));
    }

    assertThat(service.calls(Operation.CREATE), hasSize(1));
    await(session.closeAsync());
    assertThat(session.counts().created(), is(0L));
  }

  @Test
  void givenACreateInDoubt_whenItsJobIsSealed_thenWhatItMadeIsFoundAndEnded() {
    service.loseEveryNthAnswer(Operation.CREATE, 1);
    Sandbox sandbox = ofJob(session());
    CompletableFuture<SandboxInfo> start = sandbox.start();
    await(service.seal(JOB));
    service.healthy();

    await(start);

    assertThat(service.created(), is(1L));
    assertThat(await(sandbox.stop()).outcome(), is(StopOutcome.STOPPED));
  }

  @Test
  void givenACreateInDoubtThatMadeNothing_whenItsJobIsSealed_thenNothingIsLeftToStop() {
    service.loseEveryNthRequest(Operation.CREATE, 1);
    Sandbox sandbox = ofJob(session());
    CompletableFuture<SandboxInfo> start = sandbox.start();
    await(service.seal(JOB));
    service.healthy();

    assertThat(failureOf(start), is(instanceOf(SandboxSealedException.class)));

    assertThat(await(sandbox.stop()).outcome(), is(StopOutcome.NEVER_STARTED));
    assertThat(service.created(), is(0L));
  }

  @Test
  void givenADoubtThatOutlivedAllTries_whenItsJobIsSealed_thenStopClearsIt() {
    service.loseEveryNthRequest(Operation.CREATE, 1);
    service.failEveryNth(Operation.LIST, 1, () -> unavailable(Effect.NONE));
    Sandbox sandbox = ofJob(session());
    assertThat(failureOf(sandbox.start()).effect(), is(Effect.UNKNOWN));
    service.healthy();
    await(service.seal(JOB));

    assertThat(await(sandbox.stop()).outcome(), is(StopOutcome.NEVER_STARTED));
  }

  @Test
  void givenASweepOfAWholeJob_thenItIsSealedBeforeTheFirstList() {
    SweepReport report = await(sweep.run());

    assertThat(report.sealing(), is(Sealing.SEALED));
    assertThat(service.calls().get(0).operation(), is(Operation.SEAL));
    assertThat(await(service.sealOf(JOB)), is(Seal.SEALED));
  }

  @Test
  void givenASweepOfLessThanAJob_thenTheRestOfTheJobGoesOn() {
    for (Sweep part :
        List.of(
            sweep.step("one"),
            sweep.tags(Set.of(Tag.of("mine"))),
            sweep.olderThan(Duration.ofHours(1)),
            sweep.dryRun(DryRun.YES),
            Sweep.of(service).timing(time).tags(Set.of(JOB)))) {
      assertThat(await(part.run()).sealing(), is(Sealing.NOT_ASKED));
    }
    assertThat(await(service.sealOf(JOB)), is(Seal.OPEN));
  }

  @Test
  void givenAServiceWithoutSeals_thenTheQuietTimeOutlastsEveryCreateAndTheReportSaysSo() {
    service.withoutSeals();
    CompletableFuture<SweepReport> run = sweep.run();
    // A worker died when its create was on its way, and the service takes its time.
    time.advance(service.createTimeout().minusSeconds(1));
    await(
        service.create(
            SandboxDefaults.builder().tags("sandbeam", JOB.value()).build().toSpec(),
            Startup.mint(time.random())));

    SweepReport report = await(run);

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.deleted(), is(1));
    assertThat(report.sealing(), is(Sealing.UNSUPPORTED));
    assertThat(report.quietTime(), is(greaterThan(service.createTimeout())));
    assertThat(
        report.line(),
        is("1 swept, 0 left (proven empty without a seal, after 65.0 s of quiet, simulated-host)"));
  }

  @Test
  void givenASealThatIsNotTaken_thenTheQuietTimeStandsInAndTheProblemIsTold() {
    service.failEveryNth(Operation.SEAL, 1, () -> unavailable(Effect.UNKNOWN));

    SweepReport report = await(sweep.run());

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.sealing(), is(Sealing.FAILED));
    assertThat(report.quietTime(), is(greaterThan(service.createTimeout())));
    assertThat(report.problems(), hasItem(containsString("Could not seal job.a")));
  }

  @Test
  void givenAnAnswerToTheSealThatIsLost_thenItIsAskedAgain() {
    service.loseEveryNthAnswer(Operation.SEAL, 2);
    await(sweep.run());

    SweepReport report = await(sweep.run());

    assertThat(report.sealing(), is(Sealing.SEALED));
    assertThat(report.problems(), is(empty()));
  }
}
