package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

abstract class CreateContract extends ServiceContract {
  CreateContract(ControlPlaneContract suite) {
    super(suite);
  }

  @Test
  void givenSpec_whenCreated_thenAnswerHasIdSpecAndLiveState() {
    SandboxSpec spec = spec().tags("alpha", "beta.1").build();

    SandboxInfo info = create(spec);

    assertThat(info.id().isBlank(), is(false));
    assertThat(info.spec().tags(), is(spec.tags()));
    assertThat(info.state() + " is live", info.isTerminal(), is(false));
    assertThat(info.endTime().isPresent(), is(false));
    assertThat(info.exitCode().isPresent(), is(false));
  }

  @Test
  void givenSpec_whenCreated_thenItReachesRunningAndSaysSinceWhen() {
    SandboxInfo info = awaitState(create(spec().build()).id(), SandboxState.RUNNING);

    assertThat(info.startTime().orElseThrow(), is(greaterThanOrEqualTo(info.createTime())));
    assertThat(info.endTime().isPresent(), is(false));
  }

  @Test
  void givenPreparedImage_thenSandboxesOfItAreCreatedAsEver() {
    join(service.prepare(spec().build().image()));
    join(service.prepare(Optional.empty()));

    running();
  }

  @Test
  void givenWholeSpec_whenRead_thenEveryFieldIsAsAsked() {
    SandboxSpec spec =
        spec()
            .env(Map.of("NAME", "value with spaces"))
            .workingDir("/tmp")
            .annotations(Map.of("owner", "contract suite"))
            .file("/workspace/deep/in/file.bin", new byte[] {0, 1, -1})
            .maxLifetime(Duration.ofSeconds(90))
            .build();

    SandboxInfo info = get(create(spec).id());

    assertThat(info.spec(), is(spec));
    assertThat(info.effectiveMaxLifetime(), is(Duration.ofSeconds(90)));
  }

  @Test
  void givenRequestId_whenCreatedAgain_thenSameSandboxAndNoSecondOne() {
    RequestId requestId = RequestId.mint();
    SandboxSpec spec = spec().build();

    SandboxInfo first = create(spec, requestId);
    SandboxInfo second = create(spec.toBuilder().build(), requestId);

    assertThat(second.id(), is(first.id()));
    assertThat(idsOf(service, run), contains(first.id()));
  }

  @Test
  void givenRequestId_whenCreatedManyTimesAtOnce_thenOneSandbox() {
    RequestId requestId = RequestId.mint();
    SandboxSpec spec = spec().build();

    List<SandboxInfo> answers =
        joinAll(
            IntStream.range(0, 16).parallel().mapToObj(i -> createAsync(spec, requestId)).toList());

    assertThat(answers.stream().map(SandboxInfo::id).distinct().toList(), hasSize(1));
    assertThat(idsOf(service, run), contains(answers.get(0).id()));
  }

  @Test
  void givenRequestId_whenUsedForAnotherSpec_thenAlreadyExistsAndNothingIsMade() {
    RequestId requestId = RequestId.mint();
    SandboxInfo first = create(spec().build(), requestId);

    SandboxException failure =
        failure(
            SandboxAlreadyExistsException.class,
            createAsync(spec().tags("other").build(), requestId));

    assertThat(failure.retryable(), is(false));
    assertThat(failure.effect(), is(Effect.NONE));
    assertThat(idsOf(service, run), contains(first.id()));
  }

  @Test
  void givenRequestIdOfAnEndedSandbox_whenCreatedAgain_thenNoNewSandbox() {
    RequestId requestId = RequestId.mint();
    SandboxSpec spec = spec().build();
    String id = create(spec, requestId).id();
    deleteAndAwait(id);

    SandboxInfo again = create(spec, requestId);

    assertThat(again.id(), is(id));
    assertThat(again.state() + " is terminal", again.isTerminal(), is(true));
    assertThat(idsOf(service, run), is(Set.of()));
  }

  @Test
  void givenEqualSpecs_whenCreatedWithOwnRequestIds_thenTwoSandboxes() {
    SandboxSpec spec = spec().build();

    Set<String> ids = new HashSet<>(List.of(create(spec).id(), create(spec).id()));

    assertThat(ids, hasSize(2));
    assertThat(idsOf(service, run), is(ids));
  }

  @Test
  void givenUnknownImage_whenCreated_thenRefusedByNameAndNothingIsMade() {
    SandboxSpec spec = spec().image(unknownImage()).build();

    SandboxValidationException failure =
        failure(SandboxValidationException.class, createAsync(spec, RequestId.mint()));

    assertThat(failure.getMessage(), containsString(unknownImage()));
    assertThat(failure.effect(), is(Effect.NONE));
    assertThat(idsOf(service, run), is(Set.of()));
  }

  @Test
  void givenManyTagsAndTheLongest_whenCreated_thenFoundByEach() {
    String longest = "x".repeat(58) + "9";
    String[] tags =
        IntStream.range(0, 20).mapToObj(i -> "tag-" + i + ".of_" + i).toArray(String[]::new);
    String id = create(spec().tags(tags).tags(longest).build()).id();

    assertThat(idsOf(service, run, Tag.of(longest)), contains(id));
    for (String tag : tags) {
      assertThat(tag, idsOf(service, run, Tag.of(tag)), contains(id));
    }
  }

  @Test
  void givenSandboxes_whenCreated_thenEachHasAnIdOfItsOwn() {
    List<String> ids = IntStream.range(0, 5).mapToObj(i -> create(spec().build()).id()).toList();

    assertThat(new HashSet<>(ids), hasSize(5));
    assertThat(ids, everyItem(is(not(""))));
  }
}
