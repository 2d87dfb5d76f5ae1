package io.sandbeam.transforms;

import io.sandbeam.service.ServiceConfig;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.NoSuchSchemaException;
import org.apache.beam.sdk.schemas.SchemaRegistry;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.transforms.windowing.PaneInfo;
import org.apache.beam.sdk.values.OutputBuilder;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.WindowedValue;
import org.apache.beam.sdk.values.WindowedValues;
import org.joda.time.Instant;

/** One DoFn instance in the hands of a test, which plays the runner. */
final class FnHarness {
  final TupleTag<Row> results = new TupleTag<>("results");
  final TupleTag<Row> failures = new TupleTag<>("failures");
  final FailureRoute route = new FailureRoute();
  final List<WindowedValue<Row>> resultsSeen = new CopyOnWriteArrayList<>();
  final List<WindowedValue<Row>> failuresSeen = new CopyOnWriteArrayList<>();
  final Set<Thread> emittedOn = ConcurrentHashMap.newKeySet();
  final StepConfig config;
  final SandboxExecFn fn;

  FnHarness(StepConfig config) {
    this.config = config;
    ResultRows rows = new ResultRows(ResultRows.schemaOf(Command.class));
    RowPlanner planner =
        RowPlanner.bind(config.exec().template(), ResultRows.schemaOf(Command.class));
    fn = new SandboxExecFn(config, planner, rows, route, results, failures);
  }

  static StepConfig config(
      String address, String jobId, String step, ExecConfig exec, int concurrency) {
    return new StepConfig(jobId, step, ServiceConfig.of(address), exec, concurrency, 0, 0);
  }

  static ExecConfig exec(Isolation isolation) {
    return ExecConfig.defaults(CommandTemplate.none()).toBuilder().isolation(isolation).build();
  }

  static Row row(Command command) {
    try {
      return SchemaRegistry.createDefault().getToRowFunction(Command.class).apply(command);
    } catch (NoSuchSchemaException e) {
      throw new IllegalStateException(e);
    }
  }

  void process(Command command) throws InterruptedException {
    process(command, BoundedWindow.TIMESTAMP_MIN_VALUE, GlobalWindow.INSTANCE);
  }

  void process(Command command, Instant timestamp, BoundedWindow... windows)
      throws InterruptedException {
    fn.processElement(row(command), timestamp, receiver(timestamp, List.of(windows)));
  }

  @SuppressWarnings("NonCanonicalType") // Java has no other way to name it after "fn.new"
  void finish() throws InterruptedException {
    fn.finishBundle(
        fn.new FinishBundleContext() {
          @Override
          public PipelineOptions getPipelineOptions() {
            return PipelineOptionsFactory.create();
          }

          @Override
          public void output(Row output, Instant timestamp, BoundedWindow window) {
            output(results, output, timestamp, window);
          }

          @Override
          public <T> void output(
              TupleTag<T> tag, T output, Instant timestamp, BoundedWindow window) {
            record(
                tag,
                WindowedValues.of((Row) output, timestamp, List.of(window), PaneInfo.NO_FIRING));
          }
        });
  }

  private void record(TupleTag<?> tag, WindowedValue<Row> value) {
    emittedOn.add(Thread.currentThread());
    (tag.getId().equals(results.getId()) ? resultsSeen : failuresSeen).add(value);
  }

  private DoFn.MultiOutputReceiver receiver(Instant timestamp, Collection<BoundedWindow> windows) {
    return new DoFn.MultiOutputReceiver() {
      @Override
      public <T> DoFn.OutputReceiver<T> get(TupleTag<T> tag) {
        return new DoFn.OutputReceiver<T>() {
          @Override
          public OutputBuilder<T> builder(T value) {
            return WindowedValues.<T>builder()
                .setValue(value)
                .setTimestamp(timestamp)
                .setWindows(windows)
                .setPaneInfo(PaneInfo.NO_FIRING)
                .setReceiver(
                    wv ->
                        record(
                            tag,
                            WindowedValues.of(
                                (Row) wv.getValue(),
                                wv.getTimestamp(),
                                wv.getWindows(),
                                wv.getPaneInfo())));
          }
        };
      }

      @Override
      public <T> DoFn.OutputReceiver<Row> getRowReceiver(TupleTag<T> tag) {
        throw new UnsupportedOperationException();
      }
    };
  }
}
