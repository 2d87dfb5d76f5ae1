package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

abstract class ListContract extends ServiceContract {
  ListContract(ControlPlaneContract suite) {
    super(suite);
  }

  @Test
  void givenSeveralTags_whenListed_thenOnlySandboxesWithEveryTag() {
    String a = create(spec().tags("a").build()).id();
    String ab = create(spec().tags("a", "b").build()).id();
    String b = create(spec().tags("b").build()).id();

    assertThat(idsOf(service, run), containsInAnyOrder(a, ab, b));
    assertThat(idsOf(service, run, Tag.of("a")), containsInAnyOrder(a, ab));
    assertThat(idsOf(service, Tag.of("b"), Tag.of("a"), run), contains(ab));
  }

  @Test
  void givenTag_whenListed_thenNeitherPrefixNorSuffixNorOtherCaseMatches() {
    String id = create(spec().tags("job.a1", "Middle").build()).id();

    for (String near : List.of("job.a", "ob.a1", "job.a11", "JOB.A1", "jobXa1", "middle", "a1")) {
      assertThat(near, idsOf(service, run, Tag.of(near)), is(Set.of()));
    }
    assertThat(idsOf(service, run, Tag.of("job.a1")), contains(id));
  }

  @Test
  void givenNoMatch_whenListed_thenOneEmptyPage() {
    SandboxPage page = join(service.list(ListRequest.tagged(List.of(run))));

    assertThat(page, is(new SandboxPage(List.of(), Optional.empty())));
  }

  @Test
  void givenSandboxesOfOthers_whenListed_thenTheyAreNotThere() {
    String mine = create(spec().tags("mine").build()).id();
    create(spec().tags("theirs").build());

    assertThat(idsOf(service, run, Tag.of("mine")), contains(mine));
  }

  @Test
  void givenListedSandbox_whenCompared_thenSameAsRead() {
    String id = running(spec().tags("whole").build());

    SandboxPage page = join(service.list(ListRequest.tagged(List.of(run))));

    assertThat(page.sandboxes(), contains(get(id)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 6, 7, 8, 1000})
  void givenPageSize_whenWalked_thenEverySandboxOnceAndNoPageIsLarger(int pageSize) {
    List<String> ids = IntStream.range(0, 7).mapToObj(i -> create(spec().build()).id()).toList();
    ListRequest request = ListRequest.tagged(List.of(run)).withPageSize(pageSize);

    assertThat(walk(service, request), containsInAnyOrder(ids.toArray()));
    assertThat(join(service.list(request)).sandboxes().size(), is(lessThanOrEqualTo(pageSize)));
  }

  @Test
  void givenPages_whenOthersComeAndGoBetweenThem_thenEachThatStaysIsListedOnce() {
    List<String> leaving = new ArrayList<>();
    List<String> staying = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      leaving.add(create(spec().build()).id());
      staying.add(create(spec().build()).id());
    }
    List<String> seen = new ArrayList<>();
    ListRequest request = ListRequest.tagged(List.of(run)).withPageSize(2);
    Optional<String> token = Optional.empty();
    do {
      SandboxPage page = join(service.list(token.map(request::withPageToken).orElse(request)));
      page.sandboxes().forEach(info -> seen.add(info.id()));
      token = page.nextPageToken();
      if (!leaving.isEmpty()) {
        deleteAndAwait(leaving.remove(0));
        create(spec().tags("newcomer").build());
      }
    } while (token.isPresent() && seen.size() < 100);

    assertThat(seen, hasItems(staying.toArray(String[]::new)));
    assertThat(
        "each at most once",
        seen.stream().map(id -> Collections.frequency(seen, id)).toList(),
        everyItem(equalTo(1)));
  }

  @Test
  void givenPageDeletedWholeEachTime_whenListedAgainFromTheStart_thenNoneSurvives() {
    IntStream.range(0, 5).forEach(i -> create(spec().build()));
    ListRequest request = ListRequest.tagged(List.of(run)).withPageSize(2);

    eventually()
        .until(
            () -> {
              SandboxPage page = join(service.list(request));
              page.sandboxes().forEach(info -> deleteAndAwait(info.id()));
              return page.sandboxes().isEmpty() && page.nextPageToken().isEmpty();
            });

    assertThat(idsOf(service, run), is(Set.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-such-token", "1", "-1", "../..", "ü", "AAAA====", "{}"})
  void givenInventedPageToken_whenListed_thenRefused(String token) {
    failure(
        SandboxValidationException.class,
        service.list(ListRequest.tagged(List.of(run)).withPageToken(token)));
  }

  @Test
  void givenStateFilter_whenListed_thenOnlyThatState() {
    String running = running();
    String ended = running();
    deleteAndAwait(ended);
    ListRequest request = ListRequest.tagged(List.of(run));

    assertThat(walk(service, request.withState(SandboxState.RUNNING)), contains(running));
    assertThat(walk(service, request.withState(SandboxState.PAUSED)), is(List.of()));
  }

  @Test
  void givenEndedSandbox_whenListed_thenOnlyIfAskedFor() {
    String running = running();
    String ended = running();
    deleteAndAwait(ended);
    ListRequest request = ListRequest.tagged(List.of(run));

    eventually().until(() -> walk(service, request), contains(running));
    assertThat(
        walk(service, request.withShowTerminated(ShowTerminated.YES)),
        containsInAnyOrder(running, ended));
  }

  @Test
  void givenTerminalStateFilter_whenListed_thenFoundWithoutShowTerminated() {
    running();
    String ended = running();
    SandboxState state = deleteAndAwait(ended).state();

    eventually()
        .until(
            () -> walk(service, ListRequest.tagged(List.of(run)).withState(state)),
            contains(ended));
  }

  @Test
  void givenAnotherClient_whenListed_thenSameSandboxes() {
    String one = create(spec().build()).id();
    String two = create(spec().build()).id();

    assertThat(idsOf(anotherClient(), run), containsInAnyOrder(one, two));
  }

  @Test
  void givenPageTokenOfOneClient_whenUsedByAnother_thenTheWalkGoesOn() {
    String one = create(spec().build()).id();
    String two = create(spec().build()).id();
    ListRequest request = ListRequest.tagged(List.of(run)).withPageSize(1);
    SandboxPage first = join(service.list(request));

    SandboxPage second =
        join(anotherClient().list(request.withPageToken(first.nextPageToken().orElseThrow())));

    assertThat(
        List.of(first.sandboxes().get(0).id(), second.sandboxes().get(0).id()),
        containsInAnyOrder(one, two));
  }
}
