package io.sandbeam.transforms;

import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/**
 * Makes an element in several windows several elements, each in one. Most runners do so when they
 * spread elements, and Spark fails there unless it was done before.
 */
final class WindowByWindow extends DoFn<Row, Row> {
  private static final long serialVersionUID = 1;

  private WindowByWindow() {}

  static PCollection<Row> apart(PCollection<Row> elements) {
    return elements
        .apply("WindowByWindow", ParDo.of(new WindowByWindow()))
        .setRowSchema(elements.getSchema());
  }

  /** Beam calls it for each window, since it asks for one. */
  @ProcessElement
  public void process(@Element Row row, BoundedWindow window, OutputReceiver<Row> output) {
    output.output(row);
  }
}
