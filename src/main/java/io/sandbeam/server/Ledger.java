package io.sandbeam.server;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Tag;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What the server remembers of its sandboxes: whose they are, which request made them, how they
 * ended, and which jobs are over, also when the service forgets or the server is killed. The
 * service is the authority on everything it still knows. Thread-safe; bounded by live sandboxes,
 * retention, and a count.
 */
final class Ledger implements AutoCloseable {
  /** Ended sandboxes beyond this many are forgotten before their time, the oldest first. */
  private static final int MOST_ENDED = 10_000;

  /** Owners of older snapshots than these are forgotten: only admins reach those then. */
  private static final int MOST_SNAPSHOTS = 10_000;

  private static final int SLACK_LINES = 1_000;

  private static final String FORGOTTEN =
      "The service no longer knows it: it ended when its server or host stopped";

  private final Optional<Journal> journal;
  private final Clock clock;
  private final ServerTag server;

  // All guarded by this.
  private final TreeMap<Long, LedgerEntry> entries = new TreeMap<>();
  private final Map<String, Long> byId = new HashMap<>();
  private final Map<String, Long> byRequest = new HashMap<>();
  private final Map<String, Integer> liveByOwner = new HashMap<>();
  private final Map<String, Long> bytesByOwner = new HashMap<>();
  private final Map<String, String> snapshotOwners = new LinkedHashMap<>();
  private final Set<String> promised = new HashSet<>();
  private Seals seals = new Seals();
  private int live;
  private long bytes;
  private long last;

  private Ledger(Optional<Journal> journal, Clock clock, ServerTag server) {
    this.journal = journal;
    this.clock = clock;
    this.server = server;
  }

  /** One that ends with the process. */
  static Ledger inMemory(Clock clock) {
    return new Ledger(Optional.empty(), clock, ServerTag.mint());
  }

  /**
   * One that goes on where the journal's last holder stopped.
   *
   * @throws SandboxException when the journal cannot be read, or not be written: then the {@link
   *     ServerTag} of what is made here would be forgotten; the journal is closed then
   */
  static Ledger over(Journal journal, Clock clock) {
    try {
      return goOn(journal, clock);
    } catch (RuntimeException e) {
      journal.close();
      throw e;
    }
  }

  private static Ledger goOn(Journal journal, Clock clock) {
    JournalLine.Replay replay = JournalLine.replay(journal.read());
    Ledger ledger =
        new Ledger(Optional.of(journal), clock, replay.server().orElseGet(ServerTag::mint));
    for (LedgerEntry entry : replay.entries()) {
      ledger.last = Math.max(ledger.last, entry.number());
      // Whether a promise of the last holder was kept, the service can tell.
      ledger.put(entry.live() ? entry.withInfo(entry.info()) : entry);
    }
    ledger.snapshotOwners.putAll(replay.snapshotOwners());
    ledger.seals = replay.seals();
    journal.start(ledger.lines());
    return ledger;
  }

  /** What marks the sandboxes that are made here. */
  ServerTag server() {
    return server;
  }

  synchronized Optional<LedgerEntry> get(String id) {
    return Optional.ofNullable(byId.get(id)).map(entries::get);
  }

  synchronized Optional<LedgerEntry> byRequest(String requestKey) {
    return Optional.ofNullable(byRequest.get(requestKey)).map(entries::get);
  }

  /** Notes a create, or what a repeated one brought. */
  synchronized void created(Origin origin, SandboxInfo info) {
    created(origin, info, LedgerEntry.Source.SERVICE);
  }

  /**
   * Notes a sandbox whose caller is told of it before the service has answered its create. Until
   * {@link #settled} or {@link #notMade} the service may not know it, and that means nothing.
   */
  synchronized void promised(Origin origin, SandboxInfo info) {
    promised.add(info.id());
    Optional<LedgerEntry> seen = get(info.id());
    created(
        origin,
        seen.map(LedgerEntry::info).orElse(info),
        seen.isPresent() ? LedgerEntry.Source.SERVICE : LedgerEntry.Source.LEDGER);
  }

  /** Notes that what was promised is to be deleted as soon as it is made. */
  synchronized void unwanted(String id) {
    onlyPromised(id).ifPresent(entry -> record(entry.terminating()));
  }

  /** Notes that the service can tell now what became of a promise. */
  synchronized void settled(String id) {
    onlyPromised(id).ifPresent(entry -> record(entry.withInfo(entry.info())));
    promised.remove(id);
  }

  /** Notes that what was promised is not made. */
  synchronized void notMade(String id, String reason) {
    onlyPromised(id).ifPresent(entry -> record(entry.knownHereOnly(reason, clock.instant())));
    promised.remove(id);
  }

  private Optional<LedgerEntry> onlyPromised(String id) {
    return get(id).filter(LedgerEntry::onlyPromised);
  }

  private void created(Origin origin, SandboxInfo info, LedgerEntry.Source source) {
    LedgerEntry before = get(info.id()).orElse(null);
    long number = before == null ? ++last : before.number();
    Optional<LastCommand> command = before == null ? Optional.empty() : before.lastCommand();
    // The watch may have seen more of it already than the answer to the create says.
    SandboxInfo newest = before != null && !before.live() ? before.info() : info;
    record(
        new LedgerEntry(
            number,
            origin,
            LedgerEntry.redacted(newest),
            source,
            command,
            SpecWeight.of(info.spec())));
  }

  /**
   * Notes what the service reports now. A terminal state is final. What had ended before it was
   * ever seen is the service's to remember: else records that were dropped here would come back.
   */
  synchronized void seen(SandboxInfo info) {
    LedgerEntry before = get(info.id()).orElse(null);
    if (before == null && info.isTerminal()) {
      return;
    }
    if (before == null) {
      created(Origin.of(OwnerTag.ownerOf(info.spec()).orElse("")), info);
    } else if (before.live()
        && (before.onlyPromised()
            || before.info().state() != info.state()
            || !before.info().startTime().equals(info.startTime()))) {
      record(before.withInfo(info));
    }
  }

  synchronized void ran(String id, LastCommand command) {
    get(id).ifPresent(entry -> put(entry.withLastCommand(command)));
  }

  /** Notes that the service does not know it any more. */
  synchronized void forgottenByService(String id) {
    get(id)
        .filter(entry -> entry.source() == LedgerEntry.Source.SERVICE)
        .filter(entry -> !promised.contains(id))
        .ifPresent(entry -> record(entry.knownHereOnly(FORGOTTEN, clock.instant())));
  }

  /** Notes whose a snapshot is: it outlives its sandbox. */
  synchronized void snapshotTaken(String snapshotId, String owner) {
    if (snapshotOwners.put(snapshotId, owner) == null) {
      journal.ifPresent(j -> j.append(JournalLine.snapshot(snapshotId, owner)));
    }
    if (snapshotOwners.size() > MOST_SNAPSHOTS) {
      snapshotGone(snapshotOwners.keySet().iterator().next());
    }
  }

  synchronized void snapshotGone(String snapshotId) {
    if (snapshotOwners.remove(snapshotId) != null) {
      journal.ifPresent(j -> j.append(JournalLine.snapshotGone(snapshotId)));
    }
  }

  synchronized Optional<String> snapshotOwner(String snapshotId) {
    return Optional.ofNullable(snapshotOwners.get(snapshotId));
  }

  /** The ids of one owner's snapshots after an id, in order. */
  synchronized List<String> snapshotsOf(String owner, String after, int most) {
    return snapshotOwners.entrySet().stream()
        .filter(entry -> entry.getValue().equals(owner))
        .map(Map.Entry::getKey)
        .filter(id -> id.compareTo(after) > 0)
        .sorted()
        .limit(most)
        .toList();
  }

  /** Notes that a job is over, as far as the caller reaches. */
  synchronized void seal(Caller caller, Tag job) {
    Seals.Key key = Seals.Key.of(caller, job);
    Instant now = clock.instant();
    seals.put(key, now);
    journal.ifPresent(j -> j.append(JournalLine.seal(key, now)));
  }

  /** Whether a job of the caller is over. */
  synchronized boolean isSealed(Caller caller, Tag job) {
    return seals.hold(caller, job);
  }

  /** How many sandboxes of one owner live. */
  synchronized int live(String owner) {
    return liveByOwner.getOrDefault(owner, 0);
  }

  /** How many sandboxes live. */
  synchronized int live() {
    return live;
  }

  /** About how many bytes the specs of one owner take, those of ended sandboxes included. */
  synchronized long bytes(String owner) {
    return bytesByOwner.getOrDefault(owner, 0L);
  }

  /** As {@link #bytes(String)}, of all owners. */
  synchronized long bytes() {
    return bytes;
  }

  /** Entries after a number that satisfy a condition, in order. */
  synchronized List<LedgerEntry> after(long number, Predicate<LedgerEntry> wanted, int most) {
    return entries.tailMap(number, false).values().stream().filter(wanted).limit(most).toList();
  }

  /** Drops the records of what ended before a time. */
  synchronized void forgetEndedBefore(Instant time) {
    List<LedgerEntry> ended =
        entries.values().stream()
            .filter(entry -> !entry.live())
            .sorted(Comparator.comparing(Ledger::endTime))
            .toList();
    int tooMany = ended.size() - MOST_ENDED;
    for (int i = 0; i < ended.size(); i++) {
      LedgerEntry entry = ended.get(i);
      // What the service still knows would come back with its next list.
      boolean old = endTime(entry).isBefore(time) && entry.source() == LedgerEntry.Source.LEDGER;
      if (old || i < tooMany) {
        remove(entry);
      }
    }
    seals.forgetBefore(clock.instant().minus(SandboxService.SEAL_RETENTION));
    long needed = (long) entries.size() + snapshotOwners.size() + seals.size();
    journal
        .filter(j -> j.incomplete() || j.lines() > 2 * needed + SLACK_LINES)
        .ifPresent(j -> j.rewrite(lines()));
  }

  /** How many records could not be written; 0 without a journal. */
  long journalFailures() {
    return journal.map(Journal::failures).orElse(0L);
  }

  @Override
  public void close() {
    journal.ifPresent(Journal::close);
  }

  private static Instant endTime(LedgerEntry entry) {
    return entry.info().endTime().orElse(entry.info().createTime());
  }

  private void record(LedgerEntry entry) {
    put(entry);
    journal.ifPresent(j -> j.append(JournalLine.of(entry)));
  }

  private void put(LedgerEntry entry) {
    LedgerEntry before = entries.put(entry.number(), entry);
    byId.put(entry.id(), entry.number());
    entry.requestKey().ifPresent(key -> byRequest.put(key, entry.number()));
    count(before, -1);
    count(entry, 1);
  }

  private void remove(LedgerEntry entry) {
    entries.remove(entry.number());
    byId.remove(entry.id());
    entry.requestKey().ifPresent(byRequest::remove);
    count(entry, -1);
    journal.ifPresent(j -> j.append(JournalLine.gone(entry.id())));
  }

  private void count(LedgerEntry entry, int change) {
    if (entry == null) {
      return;
    }
    long weight = change * entry.bytes();
    bytes += weight;
    bytesByOwner.merge(entry.owner(), weight, (a, b) -> a + b == 0 ? null : a + b);
    if (entry.live()) {
      live += change;
      liveByOwner.merge(entry.owner(), change, (a, b) -> a + b == 0 ? null : a + b);
    }
  }

  /** All that a journal has to say. */
  private List<String> lines() {
    List<String> lines = new ArrayList<>(entries.size());
    lines.add(JournalLine.server(server));
    entries.values().forEach(entry -> lines.add(JournalLine.of(entry)));
    snapshotOwners.forEach((id, owner) -> lines.add(JournalLine.snapshot(id, owner)));
    seals.forEach((key, at) -> lines.add(JournalLine.seal(key, at)));
    return lines;
  }
}
