package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

abstract class LifetimeContract extends ServiceContract {
  private static final Duration SHORT = Duration.ofSeconds(2);

  LifetimeContract(ControlPlaneContract suite) {
    super(suite);
  }

  @Test
  void givenShortLifetime_whenItIsOver_thenTheSandboxEndsByItselfAndSaysWhy() {
    String id = create(spec().maxLifetime(SHORT).build()).id();

    SandboxInfo info = awaitTerminal(id);

    assertThat(info.state(), is(SandboxState.FAILED));
    assertThat(info.stateReason(), is(not("")));
    assertThat(
        Duration.between(info.createTime(), info.endTime().orElseThrow()).toMillis(),
        is(greaterThanOrEqualTo(1_900L)));
  }

  @Test
  void givenEndedLifetime_whenListedOrUsed_thenItIsGone() {
    String id = create(spec().maxLifetime(SHORT).build()).id();
    awaitTerminal(id);

    eventually().until(() -> idsOf(service, run), is(Set.of()));
    ended(service.exec(id, ExecRequest.of("true")));
    assertThat(join(service.purge(PurgeRequest.tagged(List.of(run)))).purgeCount(), is(0));
  }

  @Test
  void givenLifetimesOfDifferentLength_whenTheShortOneIsOver_thenTheLongOneRunsOn() {
    String brief = create(spec().maxLifetime(SHORT).build()).id();
    String lasting = running();

    awaitTerminal(brief);

    assertThat(get(lasting).state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenEndedLifetime_whenDeleted_thenTheRecordStays() {
    String id = create(spec().maxLifetime(SHORT).build()).id();
    SandboxInfo ended = awaitTerminal(id);

    assertThat(delete(id).sandbox().orElseThrow(), is(ended));
  }
}
