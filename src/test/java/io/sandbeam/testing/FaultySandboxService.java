package io.sandbeam.testing;

import io.sandbeam.sandbox.Timing;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.ServiceDescription;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A service without sandboxes, for tests: it keeps the contract in memory, answers commands with a
 * function, breaks as told, and knows the truth that lists and answers may hide.
 *
 * <pre>{@code
 * FaultySandboxService service = FaultySandboxService.inMemory().loseEveryNthAnswer(7);
 * … the code under test …
 * assertThat(service.live(), is(empty()));
 * }</pre>
 *
 * <p>A call is carried out on the caller's thread, at once, unless it was given latency; so a test
 * is deterministic as long as its own threads are. Faults are chosen by counting calls, never by
 * chance. Settings may be changed at any time and hold for the calls after that. Time is the
 * machine's, or stands still until {@link #advance} in a service made by {@link #inVirtualTime}.
 *
 * <p>Not simulated: the file system beyond plain files, processes, output of the main process. Safe
 * for any number of threads.
 */
public final class FaultySandboxService extends ForwardingSandboxService {
  private final SimulatedWorld world;
  private final SimulatedLists lists;
  private final SimulatedCommands commands;
  private final Faults faults;
  private final CallLog log;
  private final SimulatedClient face;

  private FaultySandboxService(SimulatedClient face) {
    super(face);
    this.face = face;
    world = face.world();
    lists = face.lists();
    commands = face.commands();
    faults = face.faults();
    log = face.log();
  }

  /** A service whose sandboxes age with the machine's clock. */
  public static FaultySandboxService inMemory() {
    return new FaultySandboxService(SimulatedClient.ofNewWorld(SimulatedTime.real()));
  }

  /** A service in which time passes only by {@link #advance}, starting at the epoch. */
  public static FaultySandboxService inVirtualTime() {
    return new FaultySandboxService(SimulatedClient.ofNewWorld(SimulatedTime.virtual()));
  }

  /** A service in the time of the code under test, such as a {@link VirtualTime}. */
  public static FaultySandboxService on(Timing timing) {
    return new FaultySandboxService(SimulatedClient.ofNewWorld(SimulatedTime.of(timing)));
  }

  /** Another client of the same sandboxes, as another process would have; closing it ends none. */
  public SimulatedClient client() {
    return face.another();
  }

  /**
   * An address that opens another {@link #client} of this service through {@link
   * io.sandbeam.service.SandboxServices}, for code that is configured by one; in this JVM only, and
   * until this service is closed.
   */
  public String address() {
    return MemoryServiceProvider.register(this);
  }

  // ---- what goes wrong

  /** Every nth call, whatever its operation, is carried out and answers with a time-out. */
  public FaultySandboxService loseEveryNthAnswer(int n) {
    faults.everyNth(n, Faults.loseAnswer());
    return this;
  }

  /** As {@link #loseEveryNthAnswer(int)}, counting calls of one operation. */
  public FaultySandboxService loseEveryNthAnswer(Operation operation, int n) {
    faults.everyNth(operation, n, Faults.loseAnswer());
    return this;
  }

  /** Every nth call, whatever its operation, does nothing and answers with a time-out. */
  public FaultySandboxService loseEveryNthRequest(int n) {
    faults.everyNth(n, Faults.loseRequest());
    return this;
  }

  /** As {@link #loseEveryNthRequest(int)}, counting calls of one operation. */
  public FaultySandboxService loseEveryNthRequest(Operation operation, int n) {
    faults.everyNth(operation, n, Faults.loseRequest());
    return this;
  }

  /** The next calls of an operation do nothing and fail with what the supplier makes. */
  public FaultySandboxService failNext(
      Operation operation, int calls, Supplier<? extends RuntimeException> failure) {
    faults.next(operation, calls, Faults.fail(failure));
    return this;
  }

  /** Every nth call of an operation does nothing and fails with what the supplier makes. */
  public FaultySandboxService failEveryNth(
      Operation operation, int n, Supplier<? extends RuntimeException> failure) {
    faults.everyNth(operation, n, Faults.fail(failure));
    return this;
  }

  /** The next calls of an operation time out at once and are carried out after the delay. */
  public FaultySandboxService nextArriveLate(Operation operation, int calls, Duration delay) {
    faults.next(operation, calls, Faults.arriveLate(delay));
    return this;
  }

  /** The next calls of an operation do nothing and are never answered. */
  public FaultySandboxService hangNext(Operation operation, int calls) {
    faults.next(operation, calls, Faults.hang());
    return this;
  }

  /** Calls of an operation take this long before anything happens. */
  public FaultySandboxService latency(Operation operation, Duration duration) {
    faults.latency(operation, duration);
    return this;
  }

  /**
   * Ends all faults and latencies of calls; what the sandboxes themselves do stays as it is set.
   */
  public FaultySandboxService healthy() {
    faults.clear();
    return this;
  }

  // ---- what lists show

  /** A list learns of a birth or an end only after this time. */
  public FaultySandboxService listLag(Duration time) {
    ListLag lag = lists.lag();
    lists.lag(new ListLag(time, lag.lists(), lag.flaps()));
    return this;
  }

  /** A birth or an end is unknown to this many lists that are begun after it. */
  public FaultySandboxService listLag(int count) {
    ListLag lag = lists.lag();
    lists.lag(new ListLag(lag.time(), count, lag.flaps()));
    return this;
  }

  /** An ended sandbox is absent from one list, back in the next, and so on, this many times. */
  public FaultySandboxService listFlaps(int times) {
    ListLag lag = lists.lag();
    lists.lag(new ListLag(lag.time(), lag.lists(), times));
    return this;
  }

  /** No page holds more entries, whatever is asked for; 100 at first. */
  public FaultySandboxService pagesOf(int entries) {
    lists.largestPage(entries);
    return this;
  }

  /** Every page is the first one and says that there is another: a broken pager. */
  public FaultySandboxService repeatPageToken() {
    lists.repeatToken();
    return this;
  }

  // ---- how sandboxes live

  /** Sandboxes are CREATING for this time; none at first. */
  public FaultySandboxService startTakes(Duration duration) {
    world.set(() -> world.startTakes = duration);
    return this;
  }

  /** Deleted sandboxes are TERMINATING for this time; none at first. */
  public FaultySandboxService stopTakes(Duration duration) {
    world.set(() -> world.stopTakes = duration);
    return this;
  }

  /** The next sandboxes to be deleted stay TERMINATING, beyond their lifetime, too. */
  public FaultySandboxService stickNextStops(int sandboxes) {
    world.set(() -> world.stopsToStick = sandboxes);
    return this;
  }

  /** Those that {@link #stickNextStops} holds are gone. */
  public FaultySandboxService releaseStuck() {
    world.releaseStuck();
    return this;
  }

  /** More live sandboxes are refused; unlimited at first. */
  public FaultySandboxService quota(int sandboxes) {
    world.set(() -> world.quota = sandboxes);
    return this;
  }

  /** Ids are made of the requests', so that {@link #idFor} tells them; of a count at first. */
  public FaultySandboxService idsByRequest() {
    world.set(() -> world.idsByRequest = true);
    return this;
  }

  /** It cannot remember seals, and says so. */
  public FaultySandboxService withoutSeals() {
    world.set(() -> world.remembersSeals = false);
    return this;
  }

  /** Every create reports that it was held back for this long; no time at first. */
  public FaultySandboxService heldBack(Duration duration) {
    world.set(() -> world.heldBack = duration);
    return this;
  }

  /** Only these images are known; all at first. */
  public FaultySandboxService images(String... names) {
    world.set(() -> world.images = Set.of(names));
    return this;
  }

  /** Images are looked for when {@code prepare} asks, too; only by creates at first. */
  public FaultySandboxService preparesImages() {
    world.set(() -> world.preparesImages = true);
    return this;
  }

  /** For this long after its end a sandbox's record is kept; one hour at first. */
  public FaultySandboxService keepEnded(Duration retention) {
    world.set(() -> world.retention = retention);
    return this;
  }

  /** What answers commands; at first they are all {@code echo}. It may throw a SandboxException. */
  public FaultySandboxService answering(Function<ExecRequest, ExecResult> function) {
    commands.answers(function);
    return this;
  }

  /** Commands run for this time, and time out when it is above their limit; none at first. */
  public FaultySandboxService commandsTake(Duration duration) {
    commands.take(duration);
    return this;
  }

  /** Snapshots are CREATING for this time; none at first. */
  public FaultySandboxService snapshotsTake(Duration duration) {
    world.set(() -> world.snapshots.takes = duration);
    return this;
  }

  /** Ends a sandbox as if its machine were lost: FAILED, with this reason. */
  public void crash(String sandboxId, String reason) {
    world.end(world.find(sandboxId), SandboxState.FAILED, reason);
  }

  /** Ends the main process, and so the sandbox; until then it runs, whatever its command is. */
  public void exit(String sandboxId, int exitCode) {
    world.exit(world.find(sandboxId), exitCode);
  }

  // ---- time and truth

  /** Lets virtual time pass; what is due happens on this thread, in order. */
  public void advance(Duration step) {
    world.time.advance(step);
  }

  /** Now, by the clock of the simulation. */
  public Instant now() {
    return world.time.now();
  }

  /** The sandboxes that truly live and carry all these tags, whatever lists say; oldest first. */
  public List<SandboxInfo> live(Tag... tags) {
    Set<Tag> wanted = Set.of(tags);
    return world.live(sandbox -> sandbox.spec.tags().containsAll(wanted)).stream()
        .map(world::info)
        .toList();
  }

  /** All sandboxes there ever were, oldest first. */
  public List<SandboxInfo> all() {
    return world.all().stream().map(world::info).toList();
  }

  /** How many sandboxes there ever were. */
  public long created() {
    return world.created();
  }

  /** The most sandboxes that lived at one time. */
  public int mostLive() {
    return world.peak();
  }

  /** The last 100,000 calls, in their order. */
  public List<Call> calls() {
    return log.calls();
  }

  /** Those of one operation among the last 100,000 calls. */
  public List<Call> calls(Operation operation) {
    return log.calls().stream().filter(call -> call.operation() == operation).toList();
  }

  /** Ends this client, its address and all timers. Ends no sandbox: {@link #live} still tells. */
  @Override
  public void close() {
    face.close();
    MemoryServiceProvider.forget(this);
    world.time.stop();
  }

  static ServiceDescription description() {
    return new ServiceDescription("memory", Set.of(SimulatedSandbox.HOST), Map.of());
  }
}
