package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The records of a server stay true, few and readable. */
class LedgerTest {
  private static final Clock CLOCK = Clock.systemUTC();
  @TempDir Path folder;
  private final FaultySandboxService service = FaultySandboxService.inMemory();

  @AfterEach
  void nothingIsLeft() {
    assertThat(service.live().size(), is(0));
    service.close();
  }

  @Test
  void givenASandboxThatEndsByItself_thenTheNextLookFreesItsPlace() {
    Ledger ledger = Ledger.inMemory(CLOCK);
    ServiceWatch watch = new ServiceWatch(service, ledger, CLOCK, Duration.ofHours(1));
    String id = create();
    watch.look().join();
    assertThat(ledger.live(), is(1));
    service.exit(id, 3);
    watch.look().join();
    assertThat(ledger.live(), is(0));
    assertThat(ledger.get(id).orElseThrow().info().exitCode().getAsInt(), is(3));
  }

  @Test
  void givenManyEndedSandboxes_thenALookDoesNotListThemAgain() {
    Ledger ledger = Ledger.inMemory(CLOCK);
    ServiceWatch watch = new ServiceWatch(service, ledger, CLOCK, Duration.ofHours(1));
    watch.look().join();
    for (int i = 0; i < 600; i++) {
      service.delete(DeleteRequest.of(create())).join();
    }
    int before = service.calls(Operation.LIST).size();
    watch.look().join();
    assertThat("one page", service.calls(Operation.LIST).size() - before, is(1));
    assertThat("no gets either", service.calls(Operation.GET).size(), is(0));
  }

  @Test
  void givenARecordThatWasDropped_thenItDoesNotComeBackWhileTheServiceKeepsIt() {
    Ledger ledger = Ledger.inMemory(CLOCK);
    String id = create();
    service.delete(DeleteRequest.of(id)).join();
    ledger.seen(service.get(id).join());
    assertThat(ledger.get(id).isPresent(), is(false));
  }

  @Test
  void givenATerminalState_thenItIsFinal() {
    Ledger ledger = Ledger.inMemory(CLOCK);
    String id = create();
    SandboxInfo running = service.get(id).join();
    ledger.seen(running);
    service.delete(DeleteRequest.of(id)).join();
    ledger.seen(service.get(id).join());
    ledger.seen(running);
    ledger.created(Origin.of("a"), running);
    assertThat(ledger.get(id).orElseThrow().live(), is(false));
    assertThat(ledger.live("a"), is(0));
  }

  @Test
  void givenSpecsOfManyBytes_thenTheQuotaCountsThemUntilTheyAreForgotten() {
    Ledger ledger = Ledger.inMemory(CLOCK);
    Caller alice = new Caller("alice", Role.USER);
    Caller bob = new Caller("bob", Role.USER);
    Quota quota = new Quota(ledger, 100, 100, 100_000);
    SandboxSpec large =
        SandboxSpec.builder().tags("a").file("/workspace/large", new byte[30_000]).build();
    long weight = SpecWeight.of(large);

    quota.reserve(alice, weight);
    SandboxInfo info = service.create(large, RequestId.mint()).join();
    ledger.created(Origin.of("alice"), info);
    quota.release(alice, weight);

    assertThrows(SandboxResourceExhaustedException.class, () -> quota.reserve(alice, weight));
    assertThrows(SandboxValidationException.class, () -> quota.reserve(bob, 50_001));
    quota.reserve(bob, weight);
    Caller eve = new Caller("eve", Role.USER);
    quota.reserve(eve, weight);
    assertThrows(
        SandboxResourceExhaustedException.class,
        () -> quota.reserve(new Caller("fay", Role.USER), weight));
    quota.release(eve, weight);
    service.delete(DeleteRequest.of(info.id())).join();
    ledger.seen(service.get(info.id()).join());
    assertThat("its record keeps it", ledger.bytes("alice"), is(weight));
    ledger.forgottenByService(info.id());
    assertThat(ledger.bytes("alice"), lessThan(1_000L));
    quota.reserve(alice, weight);
  }

  @Test
  void givenManyChanges_thenTheJournalIsCompactedAndSaysTheSame() throws Exception {
    String id;
    Origin origin =
        new Origin(
            "alice",
            Optional.of("key"),
            "print",
            Optional.of(new SourceTemplate("grading", Long.MAX_VALUE)));
    try (Ledger ledger = Ledger.over(Journal.open(folder.resolve("s")), CLOCK)) {
      id = create();
      SandboxInfo info = service.get(id).join();
      for (int i = 0; i < 3_000; i++) {
        ledger.created(origin, info);
      }
      ledger.forgetEndedBefore(Instant.EPOCH);
      assertThat(Files.readAllLines(folder.resolve("s/sandboxes.jsonl")).size(), lessThan(10));
    }
    try (Ledger ledger = Ledger.over(Journal.open(folder.resolve("s")), CLOCK)) {
      LedgerEntry entry = ledger.byRequest("key").orElseThrow();
      assertThat(entry.id(), is(id));
      assertThat(entry.origin(), is(origin));
      assertThat(entry.info(), is(service.get(id).join()));
    }
    service.delete(DeleteRequest.of(id)).join();
  }

  @Test
  void givenADiskThatWasFull_whenItHasRoomAgain_thenARestartKnowsAll() throws Exception {
    AtomicInteger room = new AtomicInteger(1 << 20);
    Path state = folder.resolve("s");
    List<String> ids = List.of(create(), create(), create());
    Origin origin = Origin.of("alice");
    try (Ledger ledger =
        Ledger.over(Journal.open(state, channel -> new FullDisk(channel, room)), CLOCK)) {
      room.set(100);
      ledger.created(origin, service.get(ids.get(0)).join());
      ledger.created(origin, service.get(ids.get(1)).join());
      assertThat(ledger.journalFailures(), is(2L));
      room.set(1 << 20);
      ledger.created(origin, service.get(ids.get(2)).join());
      assertThat("what a kill would leave now", known(state), is(List.of(ids.get(2))));

      ledger.forgetEndedBefore(Instant.EPOCH);
      assertThat(known(state), is(ids));
    }
    ids.forEach(id -> service.delete(DeleteRequest.of(id)).join());
  }

  private static List<String> known(Path state) throws IOException {
    return JournalLine.replay(Files.readAllLines(state.resolve("sandboxes.jsonl")))
        .entries()
        .stream()
        .map(LedgerEntry::id)
        .toList();
  }

  private String create() {
    SandboxSpec spec = SandboxSpec.builder().image("python:3.11").tags("a").build();
    return service.create(spec, RequestId.mint()).join().id();
  }
}
