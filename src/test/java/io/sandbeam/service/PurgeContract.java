package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

abstract class PurgeContract extends ServiceContract {
  PurgeContract(ControlPlaneContract suite) {
    super(suite);
  }

  private PurgeResult purge(Collection<Tag> tags) {
    return join(service.purge(PurgeRequest.tagged(tags)));
  }

  @Test
  void givenTags_whenPurged_thenThoseWithEveryTagEndAndNoOther() {
    String ab = running(spec().tags("a", "b").build());
    String alsoAb = running(spec().tags("b", "a", "c").build());
    String a = running(spec().tags("a").build());
    String b = running(spec().tags("b").build());

    PurgeResult result = purge(List.of(run, Tag.of("a"), Tag.of("b")));

    assertThat(result, is(new PurgeResult(2, List.of(), List.of())));
    awaitTerminal(ab);
    awaitTerminal(alsoAb);
    eventually().until(() -> idsOf(service, run), containsInAnyOrder(a, b));
    assertThat(get(a).state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenTagPrefix_whenPurged_thenNothingEnds() {
    String id = running(spec().tags("job.nightly-1").build());

    PurgeResult result = purge(List.of(run, Tag.of("job.nightly")));

    assertThat(result.purgeCount(), is(0));
    assertThat(get(id).state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenDryRun_whenPurged_thenCountedOnly() {
    String one = running();
    String two = running();
    PurgeRequest dry = PurgeRequest.tagged(List.of(run)).withDryRun(DryRun.YES);

    assertThat(join(service.purge(dry)), is(new PurgeResult(2, List.of(), List.of())));
    assertThat(idsOf(service, run), containsInAnyOrder(one, two));
    assertThat(get(one).state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenNoMatch_whenPurged_thenZero() {
    assertThat(purge(List.of(run)), is(new PurgeResult(0, List.of(), List.of())));
  }

  @Test
  void givenEndedSandboxes_whenPurged_thenTheyAreNotCounted() {
    deleteAndAwait(running());

    assertThat(purge(List.of(run)).purgeCount(), is(0));
  }

  @Test
  void givenPurge_whenRepeatedAtOnce_thenHarmlessAndAllEnd() {
    List<String> ids = Stream.generate(this::running).limit(3).toList();

    joinAll(
        List.of(
            service.purge(PurgeRequest.tagged(List.of(run))),
            service.purge(PurgeRequest.tagged(List.of(run))),
            anotherClient().purge(PurgeRequest.tagged(List.of(run)))));

    ids.forEach(this::awaitTerminal);
    assertThat(purge(List.of(run)).purgeCount(), is(0));
  }

  @Test
  void givenAllInScope_whenPurgedDry_thenMineAreCountedAndNothingEnds() {
    String one = running();
    String two = running();

    PurgeResult result = join(service.purge(PurgeRequest.all().withDryRun(DryRun.YES)));

    assertThat(result.purgeCount(), is(greaterThanOrEqualTo(2)));
    assertThat(idsOf(service, run), containsInAnyOrder(one, two));
  }
}
