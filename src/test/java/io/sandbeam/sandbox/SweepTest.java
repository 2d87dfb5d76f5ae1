package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.sandbox.SweepReport.Outcome;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A sweep deletes what is selected and nothing else, and calls it empty only when that is proven.
 */
class SweepTest extends SimulatedServiceTest {
  private final Sweep sweep = Sweep.of(service).timing(time).job("a");

  @AfterEach
  @Override
  void nothingIsLeft() {
    service.healthy().releaseStuck();
    service.live().forEach(info -> await(service.delete(DeleteRequest.of(info.id()))));
    super.nothingIsLeft();
  }

  private List<String> create(int sandboxes, String... tags) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < sandboxes; i++) {
      SandboxSpec spec = SandboxSpec.builder().tags(tags).maxLifetime(Duration.ofDays(1)).build();
      ids.add(await(service.create(spec, Startup.mint(time.random()))).id());
    }
    return ids;
  }

  private List<String> live() {
    return service.live().stream().map(SandboxInfo::id).toList();
  }

  @Test
  void givenNothing_thenItIsProvenEmptyAfterTwoListsOverTheQuietTime() {
    SweepReport report = await(sweep.run());

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.line(), is("0 swept, 0 left (proven empty, simulated-host)"));
    assertThat(report.emptyListsInARow(), is(2));
    assertThat(report.took(), is(Duration.ofSeconds(2)));
    assertThat(service.calls(Operation.LIST), hasSize(2));
  }

  @Test
  void givenSandboxesOfSeveralJobs_thenOnlyWholeTagMatchesGo() {
    create(3, "sandbeam", "job.a");
    List<String> others = create(1, "sandbeam", "job.b");
    others.addAll(create(1, "sandbeam", "job.aa"));
    others.addAll(create(1, "job.a"));
    others.addAll(create(1, "sandbeam", "job.A"));

    SweepReport report = await(sweep.run());

    assertThat(report.line(), is("3 swept, 0 left (proven empty, simulated-host)"));
    assertThat(report.found(), is(3));
    assertThat(live(), is(others));
  }

  @Test
  void givenAStep_thenTheOtherStepsOfTheJobStay() {
    create(2, "sandbeam", "job.a", "step.one");
    List<String> other = create(1, "sandbeam", "job.a", "step.two");

    assertThat(await(sweep.step("one").run()).deleted(), is(2));

    assertThat(live(), is(other));
  }

  @Test
  void givenNoJobAndNoTag_thenItRefusesAndNamesTheOptions() {
    List<String> before = create(1, "sandbeam", "step.one");
    Sweep all = Sweep.of(service).timing(time);

    Exception refusal = assertThrows(SandboxValidationException.class, all::run);
    assertThat(refusal.getMessage(), containsString("--job"));
    assertThat(refusal.getMessage(), containsString("--tag"));
    assertThrows(SandboxValidationException.class, () -> all.step("one").run());
    assertThrows(SandboxValidationException.class, () -> all.tags(Set.of(Tag.PRODUCT)).run());
    assertThat(live(), is(before));
  }

  @Test
  void givenTenThousandOnSmallPages_thenAllGo() {
    service.pagesOf(97);
    create(10_000, "sandbeam", "job.a");

    SweepReport report = await(sweep.run());

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.deleted(), is(10_000));
  }

  @Test
  void givenListsThatLagAndFlap_thenGetIsTheAuthority() {
    service.listLag(2).listFlaps(3);
    create(5, "sandbeam", "job.a");

    SweepReport report = await(sweep.run());

    // The births were hidden from the first two lists: what nobody saw, nobody could know.
    assertThat(report.outcome(), is(Outcome.EMPTY));
    SweepReport second = await(sweep.run());
    assertThat(report.deleted() + second.deleted(), is(5));
    assertThat(live(), is(empty()));
  }

  @Test
  void givenABirthThatListsHide_thenTheQuietTimeOutlastsIt() {
    service.listLag(Duration.ofSeconds(8));
    create(4, "sandbeam", "job.a");

    SweepReport report = await(sweep.quietTime(Duration.ofSeconds(10)).run());

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.deleted(), is(4));
  }

  @Test
  void givenAKnownIdThatNoListShows_thenItIsFoundByReadingIt() {
    service.listLag(Duration.ofHours(2));
    List<String> ids = create(3, "sandbeam", "job.a");

    SweepReport report = await(sweep.known(ids).known(List.of("never-was")).run());

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.found(), is(3));
    assertThat(report.deleted(), is(3));
    assertThat(live(), is(empty()));
  }

  @Test
  void givenAKnownIdOfAnotherJob_thenItIsNotTouchedAndNothingIsClaimed() {
    List<String> other = create(1, "sandbeam", "job.b");

    SweepReport report = await(sweep.known(other).run());

    assertThat(report.outcome(), is(Outcome.UNKNOWN));
    assertThat(live(), is(other));
  }

  @Test
  void givenAListThatKeepsFailing_thenTheOutcomeIsUnknownAndNeverEmpty() {
    service.failEveryNth(Operation.LIST, 1, () -> unavailable(Effect.NONE));

    SweepReport report = await(sweep.run());

    assertThat(report.outcome(), is(Outcome.UNKNOWN));
    assertThat(report.line(), containsString("unknown how many left (not proven: Could not list"));
  }

  @Test
  void givenAccessIsDenied_thenTheOutcomeIsUnknownAtOnce() {
    create(1, "sandbeam", "job.a");
    service.failNext(
        Operation.LIST, 1, () -> new SandboxAuthenticationException("Simulated: 403", null));
    assertThat(await(sweep.run()).outcome(), is(Outcome.UNKNOWN));
    assertThat(service.calls(Operation.LIST), hasSize(1));

    service.failEveryNth(
        Operation.DELETE, 1, () -> new SandboxAuthenticationException("Simulated: 403", null));
    SweepReport report = await(sweep.run());
    assertThat(report.outcome(), is(Outcome.UNKNOWN));
    assertThat(report.left(), is(1));
    assertThat(report.problems(), hasItem("Simulated: 403"));
  }

  @Test
  void givenAPagerThatGoesInACircle_thenTheOutcomeIsUnknown() {
    service.pagesOf(1).repeatPageToken();
    create(3, "sandbeam", "job.a");

    SweepReport report = await(sweep.run());

    assertThat(report.outcome(), is(Outcome.UNKNOWN));
    assertThat(report.problems().get(0), containsString("came twice"));
  }

  @Test
  void givenCallsThatFailNowAndThen_thenEverythingGoesAllTheSame() {
    create(50, "sandbeam", "job.a");
    service.failEveryNth(Operation.DELETE, 3, () -> unavailable(Duration.ofSeconds(1)));
    service.loseEveryNthAnswer(Operation.GET, 4);
    service.loseEveryNthRequest(Operation.LIST, 2);

    SweepReport report = await(sweep.run());

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.deleted(), is(50));
  }

  @Test
  void givenAnswersOfDeletesAreLost_thenTheyStillCountAsOurs() {
    service.keepEnded(Duration.ZERO);
    create(10, "sandbeam", "job.a");
    service.loseEveryNthAnswer(Operation.DELETE, 2);

    SweepReport report = await(sweep.run());

    assertThat(report.deleted(), is(10));
    assertThat(report.alreadyGone(), is(0));
  }

  @Test
  void givenSlowEnds_thenTheyAreAwaited() {
    service.stopTakes(Duration.ofSeconds(30));
    create(5, "sandbeam", "job.a");

    SweepReport report = await(sweep.run());

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.deleted(), is(5));
    assertThat(service.calls(Operation.DELETE), hasSize(5));
  }

  @Test
  void givenSandboxesThatDoNotEnd_thenTheyAreLeftStuckAndNamed() {
    List<String> ids = create(4, "sandbeam", "job.a");
    service.stickNextStops(1);

    SweepReport report = await(sweep.deadline(Duration.ofSeconds(20)).run());

    assertThat(report.outcome(), is(Outcome.LEFT));
    assertThat(report.deleted(), is(3));
    assertThat(report.left(), is(1));
    assertThat(ids, hasItem(report.leftIds().get(0)));
    assertThat(report.line(), containsString("stuck"));
    assertThat(report.took(), is(lessThan(Duration.ofSeconds(25))));
  }

  @Test
  void givenReadsThatKeepFailing_thenNothingCountsAsGone() {
    List<String> ids = create(2, "sandbeam", "job.a");
    service.stickNextStops(2);
    service.failEveryNth(Operation.GET, 1, () -> unavailable(Effect.NONE));

    SweepReport report = await(sweep.deadline(Duration.ofSeconds(90)).run());

    assertThat(report.outcome(), is(Outcome.LEFT));
    assertThat(report.leftIds(), is(ids));
    assertThat(report.deleted(), is(0));
  }

  @Test
  void givenKnownIdsThatNoListShows_whenTheirReadsKeepFailing_thenItIsNotEmpty() {
    service.listLag(Duration.ofHours(2));
    List<String> ids = create(2, "sandbeam", "job.a");
    service.failEveryNth(Operation.GET, 1, () -> unavailable(Effect.NONE));

    SweepReport report = await(sweep.known(ids).deadline(Duration.ofSeconds(90)).run());

    assertThat(report.outcome(), is(Outcome.LEFT));
    assertThat(report.leftIds(), is(ids));
  }

  @Test
  void givenReadsThatAreDenied_thenTheOutcomeIsUnknown() {
    List<String> ids = create(2, "sandbeam", "job.a");
    service.stickNextStops(2);
    service.failEveryNth(
        Operation.GET, 1, () -> new SandboxAuthenticationException("Simulated: 403", null));

    SweepReport report = await(sweep.run());

    assertThat(report.outcome(), is(Outcome.UNKNOWN));
    assertThat(report.leftIds(), is(ids));
    assertThat(report.problems(), hasItem("Simulated: 403"));
  }

  @Test
  void givenDeletesThatAreRefused_thenTheSandboxesAreLeft() {
    create(2, "sandbeam", "job.a");
    service.failEveryNth(Operation.DELETE, 1, () -> unavailable(Effect.NONE));

    SweepReport report = await(sweep.deadline(Duration.ofSeconds(20)).run());

    assertThat(report.outcome(), is(Outcome.LEFT));
    assertThat(report.left(), is(2));
    assertThat(report.deleted(), is(0));
  }

  @Test
  void givenSandboxesThatAreStillStarting_thenTheyGoToo() {
    service.startTakes(Duration.ofHours(1));
    create(3, "sandbeam", "job.a");

    assertThat(await(sweep.run()).deleted(), is(3));
    assertThat(live(), is(empty()));
  }

  @Test
  void givenADryRun_thenNothingIsDeletedAndTheNumberIsReported() {
    List<String> ids = create(5, "sandbeam", "job.a");

    SweepReport report = await(sweep.dryRun(DryRun.YES).run());

    assertThat(report.outcome(), is(Outcome.LEFT));
    assertThat(report.found(), is(5));
    assertThat(report.leftIds(), is(ids));
    assertThat(report.line(), containsString("dry run: 5 found, nothing deleted"));
    assertThat(live(), is(ids));
    assertThat(service.calls(Operation.DELETE), is(empty()));
  }

  @Test
  void givenAnAge_thenYoungerOnesStay() {
    create(2, "sandbeam", "job.a");
    time.advance(Duration.ofHours(2));
    List<String> young = create(2, "sandbeam", "job.a");

    SweepReport report = await(sweep.olderThan(Duration.ofHours(1)).run());

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.deleted(), is(2));
    assertThat(live(), is(young));
  }

  @Test
  void givenTwoSweepsAtOnce_thenBothProveItAndEachSandboxIsCountedOnce() {
    create(40, "sandbeam", "job.a");
    service.latency(Operation.DELETE, Duration.ofMillis(100)).keepEnded(Duration.ZERO);

    CompletableFuture<SweepReport> one = sweep.parallelism(3).run();
    CompletableFuture<SweepReport> other = sweep.parallelism(5).run();
    SweepReport first = await(one);
    SweepReport second = await(other);

    assertThat(first.outcome(), is(Outcome.EMPTY));
    assertThat(second.outcome(), is(Outcome.EMPTY));
    assertThat(first.deleted() + second.deleted(), is(40));
  }

  @Test
  void givenASweeperThatIsGoneMidway_thenTheNextOneFinishes() {
    create(40, "sandbeam", "job.a");
    service.latency(Operation.DELETE, Duration.ofMillis(100));
    CompletableFuture<SweepReport> killed = sweep.parallelism(1).run();
    time.advance(Duration.ofSeconds(1));
    killed.cancel(true);
    assertThat(live(), is(not(empty())));

    SweepReport report = await(sweep.run());

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.deleted(), is(greaterThan(20)));
  }

  @Test
  void givenCreatesWhileItRuns_thenTheyAreFoundByALaterList() {
    create(2, "sandbeam", "job.a");
    service.withoutSeals();
    CompletableFuture<SweepReport> run = sweep.run();
    time.advance(Duration.ofSeconds(1));
    create(1, "sandbeam", "job.a");

    SweepReport report = await(run);

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.deleted(), is(3));
  }

  @Test
  void givenAListener_thenItHearsOfProgressAndCannotBreakTheSweep() {
    create(3, "sandbeam", "job.a");
    List<SweepProgress> heard = new ArrayList<>();

    SweepReport report =
        await(
            sweep
                .progress(
                    step -> {
                      heard.add(step);
                      throw new IllegalStateException("Simulated: a broken listener");
                    })
                .run());

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(heard.get(heard.size() - 1).gone(), is(3));
  }

  @Test
  void givenABlankJobOrStep_thenItIsRefusedRatherThanFoundEmpty() {
    Sweep sweep = Sweep.of(service);
    for (String blank : new String[] {"", " ", null}) {
      assertThrows(SandboxValidationException.class, () -> sweep.job(blank));
      assertThrows(SandboxValidationException.class, () -> sweep.job("a").step(blank));
    }
  }
}
