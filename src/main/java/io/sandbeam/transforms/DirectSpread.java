package io.sandbeam.transforms;

import java.util.Collection;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.DefaultTrigger;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.PaneInfo;
import org.apache.beam.sdk.transforms.windowing.TimestampCombiner;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.OutputBuilder;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.WindowedValue;
import org.apache.beam.sdk.values.WindowedValues;
import org.joda.time.Duration;
import org.joda.time.Instant;

/**
 * Spreads a bounded input over the threads of the direct runner: as many bundles as it has threads,
 * and more of them only when they would grow beyond {@link #MOST_IN_A_BUNDLE}. Elements keep their
 * timestamps, windows and panes.
 *
 * <p>Beam's {@code Redistribute} would do, were it not for how that runner makes bundles: one of
 * each key, and as many of each key as the input had. The last ones of many small bundles run
 * alone; and while a thread has no bundle it polls without pause, and takes a processor from the
 * commands. Here all input is read first.
 */
final class DirectSpread<T> extends PTransform<PCollection<T>, PCollection<T>> {
  private static final long serialVersionUID = 1;

  /**
   * Results of a bundle are in memory until the bundle ends. Each thread of the runner counts for
   * itself, so this is the order of size.
   */
  static final int MOST_IN_A_BUNDLE = 1000;

  private final int threads;

  DirectSpread(int threads) {
    this.threads = threads;
  }

  @Override
  public PCollection<T> expand(PCollection<T> input) {
    Coder<WindowedValue<T>> coder =
        WindowedValues.getFullCoder(
            input.getCoder(), input.getWindowingStrategy().getWindowFn().windowCoder());
    PCollection<T> spread =
        input
            .apply("Deal", ParDo.of(new Deal<T>(threads)))
            .setCoder(KvCoder.of(VarIntCoder.of(), coder))
            .apply(
                "Gather",
                Window.<KV<Integer, WindowedValue<T>>>into(new GlobalWindows())
                    .triggering(DefaultTrigger.of())
                    .discardingFiredPanes()
                    .withTimestampCombiner(TimestampCombiner.EARLIEST)
                    .withAllowedLateness(Duration.ZERO))
            .apply("Bundle", GroupByKey.create())
            .apply("Restore", ParDo.of(new Restore<T>()));
    spread.setWindowingStrategyInternal(input.getWindowingStrategy()).setCoder(input.getCoder());
    if (input.hasSchema()) {
      spread.setSchema(
          input.getSchema(),
          input.getTypeDescriptor(),
          input.getToRowFunction(),
          input.getFromRowFunction());
    }
    return spread;
  }

  /** Deals elements to bundles in turns, and opens new bundles when these are full. */
  static final class Deal<T> extends DoFn<T, KV<Integer, WindowedValue<T>>> {
    private static final long serialVersionUID = 1;
    private final int threads;
    private transient int dealt;
    private transient int offset;

    Deal(int threads) {
      this.threads = threads;
    }

    @Setup
    public void setup() {
      // Whoever deals few elements does not always begin with the same bundle.
      offset = ThreadLocalRandom.current().nextInt(threads);
    }

    @ProcessElement
    public void processElement(
        @Element T element,
        @Timestamp Instant timestamp,
        PaneInfo pane,
        OutputReceiver<KV<Integer, WindowedValue<T>>> output) {
      int round = dealt / (threads * MOST_IN_A_BUNDLE);
      int bundle = round * threads + (dealt + offset) % threads;
      dealt++;
      // The windows as a whole: a BoundedWindow parameter would repeat the element for each, and so
      // would the next Window transform if the output were in all of them.
      OutputBuilder<KV<Integer, WindowedValue<T>>> builder = output.builder(KV.of(bundle, null));
      Collection<? extends BoundedWindow> windows = builder.getWindows();
      builder
          .setValue(KV.of(bundle, WindowedValues.of(element, timestamp, windows, pane)))
          .setWindow(windows.iterator().next())
          .output();
    }
  }

  /** Puts elements back where they were in time. */
  static final class Restore<T> extends DoFn<KV<Integer, Iterable<WindowedValue<T>>>, T> {
    private static final long serialVersionUID = 1;

    @ProcessElement
    public void processElement(
        @Element KV<Integer, Iterable<WindowedValue<T>>> bundle, OutputReceiver<T> output) {
      for (WindowedValue<T> element : bundle.getValue()) {
        output.outputWindowedValue(
            element.getValue(),
            element.getTimestamp(),
            element.getWindows(),
            element.getPaneInfo());
      }
    }
  }
}
