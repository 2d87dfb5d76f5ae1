package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import io.sandbeam.sandbox.SweepReport.Outcome;
import io.sandbeam.service.Effect;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxPage;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.ServiceDescription;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.ForwardingSandboxService;
import io.sandbeam.testing.SimulatedClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A job whose workers were on two machines, one of which is gone, is swept from the other. */
class SweepHostsTest extends SimulatedServiceTest {
  private static final Tag LOST = Tag.of("of-the-lost-machine");

  private final OneMachine machine = new OneMachine(service.client());
  private final Sweep sweep =
      Sweep.of(machine).timing(time).job("a").stallLimit(Duration.ofSeconds(20));

  /** Knows of its own sandboxes, and cannot ask the other machine, as local services are. */
  private static final class OneMachine extends ForwardingSandboxService {
    OneMachine(SimulatedClient both) {
      super(both);
    }

    @Override
    public CompletableFuture<SandboxPage> list(ListRequest request) {
      return super.list(request)
          .thenApply(
              page ->
                  new SandboxPage(
                      page.sandboxes().stream().filter(info -> !isLost(info)).toList(),
                      page.nextPageToken()));
    }

    @Override
    public CompletableFuture<SandboxInfo> get(String sandboxId) {
      return super.get(sandboxId)
          .thenCompose(
              info ->
                  isLost(info) && !info.isTerminal()
                      ? CompletableFuture.failedFuture(unavailable(Effect.NONE))
                      : CompletableFuture.completedFuture(info));
    }

    @Override
    public ServiceDescription describe() {
      return new ServiceDescription("one machine", Set.of("host-a"), Map.of());
    }

    private static boolean isLost(SandboxInfo info) {
      return info.spec().tags().contains(LOST);
    }
  }

  private String create(String... more) {
    SandboxSpec spec =
        SandboxSpec.builder()
            .tags("sandbeam", "job.a")
            .tags(more)
            .maxLifetime(Duration.ofMinutes(10))
            .build();
    return await(service.create(spec, new RequestId("request " + service.created()))).id();
  }

  @Test
  void s26_givenASandboxOfALostMachineWhoseIdIsKnown_thenNothingIsProvenUntilItHasEnded() {
    create();
    String lost = create(LOST.value());

    SweepReport report = await(sweep.known(List.of(lost)).run());

    assertThat(report.line(), report.outcome(), is(Outcome.LEFT));
    assertThat(report.leftIds(), is(List.of(lost)));
    assertThat(report.deleted(), is(1));
    assertThat(report.hosts(), is(Set.of("host-a")));

    time.advance(Duration.ofMinutes(10)); // its lifetime
    SweepReport later = await(sweep.known(List.of(lost)).run());
    assertThat(later.line(), later.outcome(), is(Outcome.EMPTY));
    assertThat(later.hosts(), is(Set.of("host-a")));
  }

  @Test
  void s26_givenASandboxOfALostMachineThatNobodyKnows_thenTheProofIsOfTheOtherMachineAlone() {
    create();
    create(LOST.value());

    SweepReport report = await(sweep.run());

    assertThat(report.outcome(), is(Outcome.EMPTY));
    assertThat(report.hosts(), is(Set.of("host-a")));
    assertThat(report.line(), containsString("(proven empty, host-a)"));
    assertThat("what the proof does not cover", service.live(LOST), hasSize(1));
    time.advance(Duration.ofMinutes(10)); // its lifetime
  }
}
