package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.FlatMapElements;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.SlidingWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TimestampedValue;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a bounded input is spread over the direct runner's threads. */
class DirectSpreadTest {

  /** What {@link BundleOf} saw: bundle to elements. The direct runner shares this JVM. */
  private static final Map<String, Set<Integer>> BUNDLES = new ConcurrentHashMap<>();

  @BeforeEach
  void forget() {
    BUNDLES.clear();
  }

  @Test
  void givenSmallInput_thenOneBundleForEachThread() {
    run(60, 3);
    assertThat(BUNDLES.values(), hasSize(3));
    assertThat(elements(), is(60));
  }

  @Test
  void givenFewerElementsThanThreads_thenEachHasItsOwnBundle() {
    run(2, 3);
    assertThat(BUNDLES.values(), hasSize(2));
  }

  @Test
  void givenLargeInput_thenNoBundleGrowsBeyondItsBound() {
    run(20 * DirectSpread.MOST_IN_A_BUNDLE, 4);
    int dealers = 4;
    BUNDLES
        .values()
        .forEach(
            bundle ->
                assertThat(
                    bundle.size(), lessThanOrEqualTo(dealers * DirectSpread.MOST_IN_A_BUNDLE)));
    assertThat(elements(), is(20 * DirectSpread.MOST_IN_A_BUNDLE));
  }

  @Test
  void givenElementsInSeveralWindows_thenTheyKeepThemAndTheirTimestamps() {
    Pipeline pipeline = Pipeline.create();
    PCollection<String> seen =
        pipeline
            .apply(Create.timestamped(TimestampedValue.of(7, Instant.ofEpochMilli(90_000))))
            .apply(
                Window.into(
                    SlidingWindows.of(Duration.standardMinutes(2))
                        .every(Duration.standardMinutes(1))))
            .apply(new DirectSpread<>(3))
            .apply(ParDo.of(new Described()));
    PAssert.that(seen)
        .containsInAnyOrder(
            "7 at 1970-01-01T00:01:30.000Z in [1970-01-01T00:00:00.000Z..1970-01-01T00:02:00.000Z)",
            "7 at 1970-01-01T00:01:30.000Z in [1970-01-01T00:01:00.000Z..1970-01-01T00:03:00.000Z)");
    pipeline.run().waitUntilFinish();
  }

  private static int elements() {
    return BUNDLES.values().stream().mapToInt(Set::size).sum();
  }

  private static void run(int count, int threads) {
    Pipeline pipeline =
        Pipeline.create(PipelineOptionsFactory.fromArgs("--targetParallelism=" + threads).create());
    List<Integer> numbers = IntStream.range(0, count).boxed().toList();
    pipeline
        .apply(Create.of(1))
        .apply(FlatMapElements.into(TypeDescriptors.integers()).via(one -> numbers))
        .apply(new DirectSpread<>(threads))
        .apply(ParDo.of(new BundleOf()));
    pipeline.run().waitUntilFinish();
  }

  static final class BundleOf extends DoFn<Integer, Integer> {
    private static final long serialVersionUID = 1;
    private transient String bundle;

    @StartBundle
    public void startBundle() {
      bundle = UUID.randomUUID().toString();
    }

    @ProcessElement
    public void processElement(@Element Integer number) {
      BUNDLES.computeIfAbsent(bundle, key -> ConcurrentHashMap.newKeySet()).add(number);
    }
  }

  static final class Described extends DoFn<Integer, String> {
    private static final long serialVersionUID = 1;

    @ProcessElement
    public void processElement(
        @Element Integer number,
        @Timestamp Instant timestamp,
        BoundedWindow window,
        OutputReceiver<String> output) {
      output.output(number + " at " + timestamp + " in " + window);
    }
  }
}
