package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.in;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** After the end of a job nothing of it comes into being, and a service that cannot says so. */
abstract class SealContract extends ServiceContract {
  private final Tag job = Tag.job(UUID.randomUUID().toString());

  SealContract(ControlPlaneContract suite) {
    super(suite);
  }

  private SandboxSpec ofJob() {
    return spec().tags(Set.of(job)).build();
  }

  /** Seals where that can be done; then all creates of the job must be refused from here on. */
  private boolean seals() {
    Seal answer = join(service.seal(job));
    assertThat(answer, is(can(Capability.SEALS) ? Seal.SEALED : Seal.UNSUPPORTED));
    return answer == Seal.SEALED;
  }

  @Test
  void givenJob_whenSealed_thenItsCreatesAreRefusedForGoodAndNothingIsMade() {
    if (!seals()) {
      String id = create(ofJob()).id();
      assertThat("creates go on", idsOf(service, job), is(Set.of(id)));
      return;
    }
    RequestId requestId = RequestId.mint();
    for (int i = 0; i < 2; i++) {
      SandboxSealedException failure =
          failure(SandboxSealedException.class, createAsync(ofJob(), requestId));
      assertThat(failure.getMessage(), containsString(job.value()));
      assertThat(failure.retryable(), is(false));
      assertThat(failure.effect(), is(Effect.NONE));
    }
    assertThat(
        "not even an ended one",
        walk(service, ListRequest.tagged(Set.of(job)).withShowTerminated(ShowTerminated.YES)),
        is(List.of()));
  }

  @Test
  void givenJob_whenAskedForItsSeal_thenOpenUntilItIsSealedAsOftenAsOneLikes() {
    boolean can = can(Capability.SEALS);

    assertThat(join(service.sealOf(job)), is(can ? Seal.OPEN : Seal.UNSUPPORTED));
    seals();
    assertThat(join(service.sealOf(job)), is(can ? Seal.SEALED : Seal.UNSUPPORTED));
    seals();
    assertThat(join(service.sealOf(job)), is(can ? Seal.SEALED : Seal.UNSUPPORTED));
  }

  @Test
  void givenASealByOneClient_whenAnotherCreates_thenItIsRefusedAndSeesTheSeal() {
    boolean sealed = seals();
    SandboxService other = anotherClient();

    assertThat(join(other.sealOf(job)), is(sealed ? Seal.SEALED : Seal.UNSUPPORTED));
    if (sealed) {
      failure(SandboxSealedException.class, other.create(ofJob(), RequestId.mint()));
    }
    assertThat(idsOf(other, job), is(Set.of()));
  }

  @Test
  void givenASealByAClientThatIsGone_thenItHolds() {
    boolean sealed = seals();
    service.close();
    service = anotherClient();

    assertThat(join(service.sealOf(job)), is(sealed ? Seal.SEALED : Seal.UNSUPPORTED));
    if (sealed) {
      failure(SandboxSealedException.class, createAsync(ofJob(), RequestId.mint()));
    }
  }

  @Test
  void givenSandboxesOfTheJob_whenSealed_thenTheyLiveOnAndTheirRequestsStillNameThem() {
    RequestId requestId = RequestId.mint();
    SandboxSpec spec = ofJob();
    String id = create(spec, requestId).id();
    awaitState(id, SandboxState.RUNNING);

    seals();

    assertThat(get(id).state(), is(SandboxState.RUNNING));
    assertThat(create(spec, requestId).id(), is(id));
    assertThat(idsOf(service, job), is(Set.of(id)));
    deleteAndAwait(id);
    assertThat(create(spec, requestId).isTerminal(), is(true));
  }

  @Test
  void givenJobsWithLikeNames_whenOneIsSealed_thenTheOthersAreNot() {
    seals();

    for (String like : List.of(job.value() + "x", job.value().substring(0, 20))) {
      Tag other = Tag.of(like);
      assertThat(join(service.sealOf(other)) == Seal.SEALED, is(false));
      create(spec().tags(Set.of(other)).build());
    }
    // A tag of the user's own that holds the job's.
    create(spec().tags("x" + job.value()).build());
  }

  @Test
  void givenTagThatIsNoJobs_whenSealed_thenRefused() {
    for (Tag tag : List.of(Tag.PRODUCT, run, Tag.step("a"), Tag.of("Job.a"))) {
      assertThrows(SandboxValidationException.class, () -> join(service.seal(tag)));
      assertThrows(SandboxValidationException.class, () -> join(service.sealOf(tag)));
    }
  }

  @Test
  void givenCreatesUnderWay_whenSealed_thenAListThatBeginsNowKnowsAllThatWillEverBe() {
    List<CompletableFuture<String>> creates = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      creates.add(createAsync(ofJob(), RequestId.mint()).thenApply(SandboxInfo::id));
    }
    // In the middle of them: when the first one is answered.
    CompletableFuture.anyOf(creates.toArray(new CompletableFuture<?>[0])).join();

    boolean sealed = seals();
    Set<String> known = idsOf(service, job);

    List<String> made = new ArrayList<>();
    for (CompletableFuture<String> create : creates) {
      try {
        made.add(join(create));
      } catch (SandboxSealedException refused) {
        assertThat("only where it can", sealed, is(true));
      }
    }
    if (sealed) {
      assertThat("made " + made + ", known " + known, made, everyItem(in(known)));
      eventually().until(() -> Set.copyOf(made).containsAll(idsOf(service, job)));
    }
    made.forEach(this::deleteAndAwait);
    eventually().until(() -> idsOf(service, job), is(Set.of()));
  }
}
