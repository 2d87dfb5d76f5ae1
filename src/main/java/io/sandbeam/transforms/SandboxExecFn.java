package io.sandbeam.transforms;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.SandboxValidationException;
import java.time.Duration;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.PaneInfo;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.checkerframework.checker.nullness.qual.Nullable;
import org.joda.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the commands of a step, many at a time. Set-up only takes a token; the session opens with
 * the first element, since some runners make instances that never see one. A teardown may be called
 * twice, never, with the interrupt flag set, or while an element is being processed.
 */
final class SandboxExecFn extends DoFn<Row, Row> {
  private static final long serialVersionUID = 1;
  private static final Logger LOG = LoggerFactory.getLogger(SandboxExecFn.class);

  private static final org.joda.time.Duration ALL_OF_TIME =
      new org.joda.time.Duration(
          BoundedWindow.TIMESTAMP_MIN_VALUE, BoundedWindow.TIMESTAMP_MAX_VALUE);

  private final StepConfig config;
  private final RowPlanner planner;
  private final ResultRows rows;
  private final FailureRoute route;
  private final TupleTag<Row> results;
  private final TupleTag<Row> failures;
  private final ExecMetrics metrics = new ExecMetrics();

  private transient volatile WorkerSessions.@Nullable Token token;
  private transient volatile @Nullable BundleRun bundle;

  SandboxExecFn(
      StepConfig config,
      RowPlanner planner,
      ResultRows rows,
      FailureRoute route,
      TupleTag<Row> results,
      TupleTag<Row> failures) {
    this.config = config;
    this.planner = planner;
    this.rows = rows;
    this.route = route;
    this.results = results;
    this.failures = failures;
  }

  @Setup
  public void setup() {
    token = WorkerSessions.ofThisJvm().acquire(config);
  }

  @StartBundle
  public void startBundle() {
    BundleRun forgotten = bundle;
    if (forgotten != null) {
      // Another step of the same stage failed, so the runner gave the bundle up without a word.
      forgotten.abort();
    }
    bundle = new BundleRun(metrics);
  }

  @ProcessElement
  public void processElement(
      @Element Row element, @Timestamp Instant timestamp, MultiOutputReceiver output)
      throws InterruptedException {
    BundleRun mine = bundle;
    try {
      // Every window the element is in; taking a BoundedWindow would run the command once for each.
      BundleRun.Place place =
          new BundleRun.Place(
              element, timestamp, output.get(results).builder(element).getWindows());
      BundleRun.Emitter emitter =
          finished ->
              emit(
                  finished,
                  (tag, row, at) ->
                      output
                          .get(tag)
                          .outputWindowedValue(
                              row, at.timestamp(), at.windows(), PaneInfo.NO_FIRING));
      process(mine, place, emitter);
    } catch (Throwable e) {
      mine.abort();
      throw e;
    }
  }

  private void process(BundleRun mine, BundleRun.Place place, BundleRun.Emitter emitter)
      throws InterruptedException {
    CommandPlan plan;
    ExecRequest request;
    try {
      plan = planner.plan(place.element());
      request = request(plan.command());
    } catch (InvalidElementException | SandboxValidationException e) {
      emitter.emit(new BundleRun.Finished(place, invalid(place.element(), e), 0, null));
      return;
    }
    Worker worker = token.worker();
    worker.awaitImage();
    mine.submit(worker, plan, request, place, emitter);
  }

  private ExecRequest request(Command command) {
    ExecConfig exec = config.exec();
    Duration timeout =
        command.getTimeout() == null
            ? exec.timeout()
            : Durations.parse("timeout", command.getTimeout());
    new SandboxLifetime(exec).requireRoom(timeout);
    return ExecRequest.builder(command.getCommand())
        .stdin(command.getStdin())
        .env(command.getEnv())
        .timeout(timeout)
        .maxOutputBytes(exec.maxOutputBytes())
        .build();
  }

  private Outcome.NotRun invalid(Row element, RuntimeException e) {
    return new Outcome.NotRun(
        CommandFailure.Reason.INVALID_ELEMENT, e.getMessage(), planner.idOf(element), 0, 0);
  }

  @FinishBundle
  public void finishBundle(FinishBundleContext context) throws InterruptedException {
    BundleRun mine = bundle;
    try {
      mine.finish(
          finished ->
              emit(
                  finished,
                  (tag, row, at) -> {
                    for (BoundedWindow window : at.windows()) {
                      context.output(tag, row, at.timestamp(), window);
                    }
                  }));
      WorkerSessions.Token held = token;
      if (held != null) {
        held.open().ifPresent(worker -> metrics.count(worker.news()));
      }
      bundle = null;
    } catch (Throwable e) {
      mine.abort();
      throw e;
    }
  }

  /** Where a row goes, on the runner's thread. */
  private interface Sink {
    void put(TupleTag<Row> tag, Row row, BundleRun.Place at);
  }

  private void emit(BundleRun.Finished finished, Sink sink) {
    metrics.count(finished);
    BundleRun.Place place = finished.place();
    if (finished.outcome() instanceof Outcome.Ran ran) {
      sink.put(results, rows.result(place.element(), ran), place);
    } else if (finished.outcome() instanceof Outcome.NotRun notRun) {
      if (!route.isOutput()) {
        throw new CommandNotRunException(config.step(), notRun);
      }
      sink.put(failures, rows.failure(place.element(), notRun), place);
    }
  }

  @Teardown
  public void teardown() {
    try {
      BundleRun open = bundle;
      if (open != null) {
        open.abort();
      }
    } catch (RuntimeException e) {
      LOG.warn("{}: a bundle could not be given up cleanly", config, e);
    } finally {
      WorkerSessions.Token held = token;
      if (held != null) {
        held.release();
      }
    }
  }

  /**
   * Results are emitted early, while a later element of the same bundle is processed, with their
   * own element's timestamp. That is never late: the watermark cannot pass an element before the
   * bundle it is in has ended.
   *
   * <p>All of time: what is longer, Beam finds out for each element by an overflow.
   */
  @Override
  @Deprecated
  @SuppressWarnings("InlineMeSuggester")
  public org.joda.time.Duration getAllowedTimestampSkew() {
    return ALL_OF_TIME;
  }
}
