package io.sandbeam.transforms;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;

import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WarmSandboxesTest {
  private static final Duration NEEDED = Duration.ofMinutes(2);
  private static final int WARM = 3;

  private final FaultySandboxService service = FaultySandboxService.inMemory();
  private final Session session =
      Session.open(
          SandboxServices.open(ServiceConfig.of(service.address())),
          SandboxDefaults.builder().tags("warm-test").build());
  private Instant now = Instant.EPOCH;
  private final Clock clock =
      new Clock() {
        @Override
        public ZoneOffset getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return now;
        }
      };
  private final WarmSandboxes warm =
      new WarmSandboxes(
          session, new SandboxLifetime(FnHarness.exec(Isolation.ELEMENT)), WARM, clock);

  @AfterEach
  void nothingIsLeft() {
    session.close();
    assertThat(service.live(), is(List.of()));
  }

  private List<SandboxInfo> running() {
    return service.live(Tag.of("warm-test")).stream()
        .filter(info -> info.state() == SandboxState.RUNNING)
        .toList();
  }

  @Test
  void givenLease_thenAsManyMoreAreMadeAheadAndEachIsUsedOnce() {
    Set<String> used = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      SandboxLease lease = warm.lease(NEEDED);
      used.add(lease.sandbox().waitUntilRunning().join().id());
      await().until(this::running, hasSize(WARM + 1));
      lease.release(SandboxLease.Verdict.CLEAN).join();
      await().until(this::running, hasSize(WARM));
    }

    assertThat(used, hasSize(10));
    assertThat(service.created(), is(10L + WARM));
  }

  @Test
  void givenRetired_thenThoseMadeAheadAreGoneAndNoMoreAreMade() {
    SandboxLease lease = warm.lease(NEEDED);
    await().until(this::running, hasSize(WARM + 1));

    warm.retire().join();
    assertThat(running(), hasSize(1));
    SandboxLease next = warm.lease(NEEDED);
    next.sandbox().waitUntilRunning().join();

    assertThat(service.created(), is(WARM + 2L));
    lease.release(SandboxLease.Verdict.CLEAN).join();
    next.release(SandboxLease.Verdict.CLEAN).join();
    assertThat(running(), hasSize(0));
  }

  @Test
  void givenASandboxThatSomebodyElseDeleted_thenThePoolRetires() {
    SandboxLease lease = warm.lease(NEEDED);
    await().until(this::running, hasSize(WARM + 1));

    lease.release(SandboxLease.Verdict.SWEPT).join();

    assertThat(service.live(), is(List.of()));
  }

  @Test
  void givenSandboxesThatWouldDieUnderTheCommand_thenTheyEndAndTheCommandGetsANewOne() {
    SandboxLease first = warm.lease(NEEDED);
    await().until(this::running, hasSize(WARM + 1));
    Set<String> old = new HashSet<>(running().stream().map(SandboxInfo::id).toList());
    now = now.plus(SandboxLifetime.SHARED);

    SandboxLease second = warm.lease(NEEDED);

    assertThat(old.contains(second.sandbox().waitUntilRunning().join().id()), is(not(true)));
    first.release(SandboxLease.Verdict.CLEAN).join();
    second.release(SandboxLease.Verdict.CLEAN).join();
    await().until(this::running, hasSize(WARM));
  }

  @Test
  void givenServiceThatFails_thenItIsNotAskedMoreOftenThanCommandsCome() {
    service.failNext(
        Operation.CREATE, 1000, () -> new SandboxValidationException("image", "no such image"));

    SandboxLease lease = warm.lease(NEEDED);

    CompletableFuture<?> started = lease.sandbox().start();
    await().until(started::isCompletedExceptionally);
    assertThat(service.created(), is(0L));
    assertThat(service.calls(Operation.CREATE).size(), is(lessThanOrEqualTo(WARM + 2)));
    lease.release(SandboxLease.Verdict.BROKEN).join();
  }
}
