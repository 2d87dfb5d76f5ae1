package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

abstract class ConcurrencyContract extends ServiceContract {
  private static final int MANY = 50;

  ConcurrencyContract(ControlPlaneContract suite) {
    super(suite);
  }

  @Test
  void givenFiftyCreatesAtOnce_thenFiftySandboxesRunAndAreListed() {
    SandboxSpec spec = spec().build();

    List<SandboxInfo> answers =
        joinAll(
            IntStream.range(0, MANY)
                .parallel()
                .mapToObj(i -> createAsync(spec, RequestId.mint()))
                .toList());

    Set<String> ids = answers.stream().map(SandboxInfo::id).collect(Collectors.toSet());
    assertThat(ids, hasSize(MANY));
    assertThat(idsOf(service, run), is(ids));
    ids.forEach(id -> awaitState(id, SandboxState.RUNNING));
  }

  @Test
  void givenOneSandbox_whenDeletedFromManySides_thenAllSucceed() {
    String id = running();
    SandboxService other = anotherClient();
    DeleteRequest request = DeleteRequest.of(id).withMissingOk(MissingOk.YES);

    joinAll(
        IntStream.range(0, 16)
            .parallel()
            .mapToObj(i -> (i % 2 == 0 ? service : other).delete(request))
            .toList());

    awaitTerminal(id);
  }

  @Test
  void givenCreatesAndDeletes_whenListedMeanwhile_thenNoListFailsAndThoseThatStayAreInEach() {
    String staying = running();
    SandboxService lister = anotherClient();
    CompletableFuture<Void> churn =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 15; i++) {
                delete(create(spec().build()).id());
              }
            });

    List<Set<String>> lists = new ArrayList<>();
    do {
      lists.add(new HashSet<>(walk(lister, ListRequest.tagged(List.of(run)).withPageSize(2))));
    } while (!churn.isDone());
    join(churn);

    assertThat(lists.stream().filter(ids -> !ids.contains(staying)).toList(), is(List.of()));
  }

  @Test
  void givenCreateAndDeleteOfManyAtOnce_thenEachIsGoneInTheEnd() {
    SandboxSpec spec = spec().build();
    Stream<CompletableFuture<DeleteResult>> lives =
        IntStream.range(0, 20)
            .parallel()
            .mapToObj(
                i ->
                    createAsync(spec, RequestId.mint())
                        .thenCompose(info -> service.delete(DeleteRequest.of(info.id()))));

    List<DeleteResult> ends = joinAll(lives.toList());

    ends.forEach(end -> awaitTerminal(end.sandbox().orElseThrow().id()));
    eventually().until(() -> idsOf(service, run), is(Set.of()));
  }

  @Test
  void givenGetsWhileItEnds_thenStatesOnlyMoveForward() {
    String id = running();
    CompletableFuture<DeleteResult> deleted = service.delete(DeleteRequest.of(id));

    List<SandboxState> seen = new ArrayList<>();
    eventually()
        .until(
            () -> {
              seen.add(get(id).state());
              return seen.get(seen.size() - 1).isTerminal();
            });
    join(deleted);
    IntStream.range(0, 5).forEach(i -> seen.add(get(id).state()));

    List<SandboxState> distinct = seen.stream().distinct().toList();
    List<SandboxState> order =
        Stream.of(SandboxState.RUNNING, SandboxState.TERMINATING, distinct.get(distinct.size() - 1))
            .filter(distinct::contains)
            .toList();
    assertThat(distinct, is(order));
  }
}
