package io.sandbeam.yaml;

import java.io.Serializable;
import java.util.Optional;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.providers.ErrorHandling;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;

/**
 * What a source does with input it cannot read: with {@code error_handling}, a row with the input
 * and a message on the output of that name; without, the pipeline fails.
 */
final class Failures implements Serializable {
  static final TupleTag<Row> ROWS = new TupleTag<>("rows");
  static final TupleTag<Row> FAILED = new TupleTag<>("failed");
  private static final String OUTPUT = "output";

  private final String output;
  private final Schema errorSchema;

  /**
   * @param inputSchema of the {@code failed_row} inside each error row
   */
  Failures(Config config, Schema inputSchema) {
    Optional<String> declared = config.errorOutput();
    this.output = declared.orElse(null);
    this.errorSchema = ErrorHandling.errorSchema(inputSchema);
  }

  /** Applies a source's DoFn and names its outputs. */
  <InputT> PCollectionRowTuple apply(
      String name, PCollection<InputT> input, DoFn<InputT, Row> fn, Schema schema) {
    PCollectionTuple outputs =
        input.apply(name, ParDo.of(fn).withOutputTags(ROWS, TupleTagList.of(FAILED)));
    PCollection<Row> rows = outputs.get(ROWS).setRowSchema(schema);
    PCollection<Row> failed = outputs.get(FAILED).setRowSchema(errorSchema);
    PCollectionRowTuple result = PCollectionRowTuple.of(OUTPUT, rows);
    return output == null ? result : result.and(output, failed);
  }

  /** Whether failures go to an output, rather than fail the pipeline. */
  boolean areCollected() {
    return output != null;
  }

  /** Records a failure, or fails the pipeline with it. */
  void record(Row input, Exception reason, DoFn.MultiOutputReceiver out) {
    if (output == null) {
      throw new IllegalStateException(reason.getMessage(), reason);
    }
    out.get(FAILED).output(ErrorHandling.errorRecord(errorSchema, input, reason));
  }
}
