package io.sandbeam.service.local;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.sameInstance;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.leased.Lifecycle;
import io.sandbeam.service.leased.Milestones;
import io.sandbeam.service.leased.Timer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a service that lives long keeps in memory of sandboxes that are gone: little. */
class KeptStateTest {
  private static final SandboxSpec SPEC =
      LocalFixture.spec().file("/workspace/large", new byte[1000]).build();

  private LocalFixture local;

  @BeforeEach
  void open() {
    local = new LocalFixture();
  }

  @AfterEach
  void leaveNothing() {
    local.close();
  }

  private static Lifecycle lifecycle() {
    return new LocalLifecycle("sb-1", SPEC, Instant.now(), "host", Map.of());
  }

  @Test
  void givenASandboxThatIsGone_thenNoTimerHoldsIt() {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    timer.setRemoveOnCancelPolicy(true);
    try {
      LocalContext context =
          new LocalContext(
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              new Timer(timer),
              Runnable::run,
              "host");
      SandboxParts parts =
          new SandboxParts(
              "sb-1",
              context,
              new SandboxDirectory(Path.of("/nowhere")),
              lifecycle(),
              null,
              new Milestones());
      parts.later(Duration.ofDays(1), () -> {});
      assertThat(timer.getQueue().size(), is(1));

      parts.milestones().gone().complete(parts.info());

      assertThat(timer.getQueue().size(), is(0));
    } finally {
      timer.shutdownNow();
    }
  }

  @Test
  void givenFiles_whenTheSandboxHasEnded_thenOnlyTheirNamesAreKept() {
    Lifecycle life = lifecycle();
    assertThat(life.info().spec(), is(sameInstance(SPEC)));

    life.end(Lifecycle.Ending.stopped());
    SandboxInfo ended = life.ended().orElseThrow();

    assertThat(ended.spec().files().keySet(), is(SPEC.files().keySet()));
    assertThat(ended.spec().files().get("/workspace/large").length, is(0));
  }

  @Test
  void givenARequestWhoseSandboxIsForgotten_whenRepeated_thenItsLastStateIsTheAnswer() {
    try (var service = SandboxServices.open(local.config().withSetting("terminated-count", "1"))) {
      RequestId id = RequestId.mint();
      SandboxInfo made = LocalFixture.get(service.create(SPEC, id));
      LocalFixture.get(service.delete(DeleteRequest.of(made.id())));
      for (int i = 0; i < 2; i++) {
        SandboxInfo next =
            LocalFixture.get(service.create(LocalFixture.spec().build(), RequestId.mint()));
        LocalFixture.get(service.delete(DeleteRequest.of(next.id())));
      }
      assertThrows(SandboxNotFoundException.class, () -> LocalFixture.get(service.get(made.id())));

      SandboxInfo again = LocalFixture.get(service.create(SPEC, id));

      assertThat(again.id(), is(made.id()));
      assertThat(again.isTerminal(), is(true));
      assertThrows(
          SandboxAlreadyExistsException.class,
          () ->
              LocalFixture.get(
                  service.create(
                      LocalFixture.spec().file("/workspace/large", new byte[999]).build(), id)));
    }
  }
}
