package io.sandbeam.sandbox;

import io.sandbeam.service.DryRun;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Deletes the sandboxes that a job left behind, and proves that none is left. Immutable.
 *
 * <pre>{@code
 * SweepReport report = Sweep.of(service).job("nightly-k3v9x2qa").run().join();
 * }</pre>
 *
 * <p>A sweep of a whole job first seals it, so that nothing of it comes into being any more: see
 * {@link SandboxService#seal}. One of a step, of further tags or of an age leaves the rest of the
 * job alone and seals nothing.
 *
 * <p>It lists by {@link Tag#PRODUCT} and every selected tag, whole tags only; deletes what it
 * finds; lists again until two lists in a row, {@link #quietTime} apart, hold nothing alive; and
 * reads every id it came upon, and those of {@link #known}, one by one: each must have ended or be
 * unknown. A sandbox in a state that this version does not know counts as alive.
 *
 * <p>It never deletes a sandbox that does not itself show all the selected tags, whatever a list
 * says. Sweeping twice, or twice at once, or again after a sweeper was killed, is harmless: it
 * needs nothing but the tags. A local service lists its own host only; {@link SweepReport#hosts()}
 * says what was covered.
 */
public final class Sweep {
  private final SandboxService service;
  private final Timing timing;
  private final SweepSelection selection;
  private final Set<String> known;
  private final Optional<Duration> quietTime;
  private final Duration deadline;
  private final Duration stallLimit;
  private final Duration grace;
  private final int parallelism;
  private final Consumer<SweepProgress> progress;

  private Sweep(Draft draft) {
    this.service = draft.service;
    this.timing = draft.timing;
    this.selection = draft.selection;
    this.known = draft.known;
    this.quietTime = draft.quietTime;
    this.deadline = draft.deadline;
    this.stallLimit = draft.stallLimit;
    this.grace = draft.grace;
    this.parallelism = draft.parallelism;
    this.progress = draft.progress;
  }

  /** A sweep that has to be told what to select: {@link #job} or {@link #tags}. */
  public static Sweep of(SandboxService service) {
    Draft draft = new Draft();
    draft.service = service;
    return new Sweep(draft);
  }

  /**
   * The sandboxes of one job.
   *
   * @throws SandboxValidationException when it is blank
   */
  public Sweep job(String jobId) {
    return with(draft -> draft.selection = selection.withJob(jobId));
  }

  /** Of a job, only the sandboxes of one step. */
  public Sweep step(String name) {
    return with(draft -> draft.selection = selection.withStep(name));
  }

  /** Sandboxes with all of these tags, too. */
  public Sweep tags(Collection<Tag> more) {
    return with(draft -> draft.selection = selection.withTags(more));
  }

  /**
   * Only sandboxes created this long ago or longer when the sweep begins. Their create time is of
   * the service's clock and is compared with this machine's: leave room for the difference.
   */
  public Sweep olderThan(Duration age) {
    return with(draft -> draft.selection = selection.withAge(notNegative("olderThan", age)));
  }

  /** With YES: lists and reports, deletes nothing. */
  public Sweep dryRun(DryRun dry) {
    return with(draft -> draft.selection = selection.withDryRun(dry));
  }

  /** Ids of sandboxes that existed: each is read at the end, even if no list ever showed it. */
  public Sweep known(Collection<String> ids) {
    return with(
        draft -> {
          draft.known = new LinkedHashSet<>(known);
          draft.known.addAll(ids);
        });
  }

  /**
   * From the first empty list to the last: how long a list that lags gets to show what there is.
   * Unless set 2 seconds, and for a whole job whose service holds no seal longer than {@link
   * SandboxService#createTimeout}: until no create can be on its way any more.
   */
  public Sweep quietTime(Duration time) {
    return with(draft -> draft.quietTime = Optional.of(notNegative("quietTime", time)));
  }

  /** When the sweep ends although it gets on and something is left. An hour unless set. */
  public Sweep deadline(Duration limit) {
    return with(draft -> draft.deadline = notNegative("deadline", limit));
  }

  /** When it ends because nothing more of what it found is gone. 2 minutes unless set. */
  public Sweep stallLimit(Duration limit) {
    return with(draft -> draft.stallLimit = notNegative("stallLimit", limit));
  }

  /** Between TERM and KILL. Zero unless set: what is swept has lost its owner. */
  public Sweep grace(Duration period) {
    return with(draft -> draft.grace = notNegative("grace", period));
  }

  /** The most calls in flight; 32 unless set. */
  public Sweep parallelism(int calls) {
    if (calls < 1) {
      throw new SandboxValidationException(
          "parallelism", "Invalid parallelism " + calls + ": it must be at least 1");
    }
    return with(draft -> draft.parallelism = calls);
  }

  /** Told now and then, on any thread. */
  public Sweep progress(Consumer<SweepProgress> listener) {
    return with(draft -> draft.progress = listener);
  }

  /** On another clock: for tests. */
  public Sweep timing(Timing other) {
    return with(draft -> draft.timing = other);
  }

  /**
   * Sweeps. The future completes normally whatever is left: look at {@link SweepReport#outcome()}.
   * Cancelling it ends the sweep soon.
   *
   * @throws SandboxValidationException when neither a job nor a tag is selected
   */
  public CompletableFuture<SweepReport> run() {
    return new SweepRun(this).run();
  }

  SandboxService service() {
    return service;
  }

  Timing timing() {
    return timing;
  }

  /** What a sandbox must show to be deleted. */
  Set<Tag> selector() {
    return selection.selector();
  }

  Optional<Duration> olderThan() {
    return selection.olderThan();
  }

  DryRun dryRun() {
    return selection.dryRun();
  }

  /** The job to be sealed: when all of it is swept, and really swept. */
  Optional<Tag> wholeJob() {
    return selection.wholeJob();
  }

  Set<String> known() {
    return known;
  }

  Optional<Duration> quietTime() {
    return quietTime;
  }

  Duration deadline() {
    return deadline;
  }

  Duration stallLimit() {
    return stallLimit;
  }

  Duration grace() {
    return grace;
  }

  int parallelism() {
    return parallelism;
  }

  Consumer<SweepProgress> progress() {
    return progress;
  }

  private Sweep with(Consumer<Draft> change) {
    Draft draft = new Draft();
    draft.service = service;
    draft.timing = timing;
    draft.selection = selection;
    draft.known = known;
    draft.quietTime = quietTime;
    draft.deadline = deadline;
    draft.stallLimit = stallLimit;
    draft.grace = grace;
    draft.parallelism = parallelism;
    draft.progress = progress;
    change.accept(draft);
    return new Sweep(draft);
  }

  private static Duration notNegative(String field, Duration value) {
    if (value == null || value.isNegative()) {
      throw new SandboxValidationException(
          field, "Invalid " + field + " " + value + ": it must be zero or more");
    }
    return value;
  }

  /** The fields while they change. */
  private static final class Draft {
    private SandboxService service;
    private Timing timing = Timing.system();
    private SweepSelection selection = SweepSelection.NOTHING;
    private Set<String> known = Set.of();
    private Optional<Duration> quietTime = Optional.empty();
    private Duration deadline = Duration.ofHours(1);
    private Duration stallLimit = Duration.ofMinutes(2);
    private Duration grace = Duration.ZERO;
    private int parallelism = 32;
    private Consumer<SweepProgress> progress = step -> {};
  }
}
