package io.sandbeam.transforms;

import java.util.List;
import org.apache.beam.sdk.coders.VoidCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.DefaultTrigger;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
import org.apache.beam.sdk.values.PCollectionList;
import org.joda.time.Duration;

/**
 * An empty collection that is complete when all of some bounded collections are: what {@code
 * Wait.on} can wait for whatever their windows are. Without it, {@code Wait.on} waits window by
 * window, refuses fixed windows, and with no signal at all waits for nothing.
 */
final class Signals {
  private Signals() {}

  /**
   * One signal of several collections.
   *
   * @throws IllegalArgumentException when there is none, or one is unbounded and so never complete
   */
  static PCollection<Void> of(List<PCollection<?>> collections) {
    if (collections.isEmpty()) {
      throw new IllegalArgumentException("Nothing to wait for: name at least one collection");
    }
    PCollectionList<Void> signals = PCollectionList.empty(collections.get(0).getPipeline());
    for (PCollection<?> collection : collections) {
      requireBounded(collection);
      signals = signals.and(signal(collection, "Done" + signals.size()));
    }
    return signals.apply("Done", Flatten.pCollections());
  }

  static void requireBounded(PCollection<?> collection) {
    if (collection.isBounded() == IsBounded.UNBOUNDED) {
      throw new IllegalArgumentException(
          "Collection "
              + collection.getName()
              + " is unbounded, so it never ends, and nothing can be swept behind it: the end of a"
              + " window is not the end of the job. Lifetimes, idle sessions and the sweep of the"
              + " launcher end its sandboxes");
    }
  }

  private static <T> PCollection<Void> signal(PCollection<T> collection, String name) {
    return collection
        .apply(name, ParDo.of(new DropFn<>()))
        .setCoder(VoidCoder.of())
        .apply(
            name + "InGlobalWindow",
            Window.<Void>into(new GlobalWindows())
                .triggering(DefaultTrigger.of())
                .withAllowedLateness(Duration.ZERO)
                .discardingFiredPanes());
  }

  private static final class DropFn<T> extends DoFn<T, Void> {
    private static final long serialVersionUID = 1;

    @ProcessElement
    public void drop() {}
  }
}
