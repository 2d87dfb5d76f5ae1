package io.sandbeam.transforms;

import io.sandbeam.sandbox.SweepReport;
import java.util.List;
import java.util.TreeSet;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;

/** A sweep's report as a row. */
final class SweepRows {
  static final Schema SCHEMA =
      Schema.builder()
          .addField(
              field("outcome", FieldType.STRING, "EMPTY, LEFT or UNKNOWN; only EMPTY is success."))
          .addField(field("found", FieldType.INT32, "Live sandboxes the sweep came upon."))
          .addField(field("deleted", FieldType.INT32, "Of those, ended by the sweep."))
          .addField(
              field("already_gone", FieldType.INT32, "Of those, gone when the sweep came to them."))
          .addField(field("left", FieldType.INT32, "Sandboxes that may be alive."))
          .addField(
              field("left_ids", FieldType.array(FieldType.STRING), "Their ids, the first 100."))
          .addField(
              field("hosts", FieldType.array(FieldType.STRING), "The machines that were covered."))
          .addField(field("problems", FieldType.array(FieldType.STRING), "What went wrong."))
          .addField(field("took_ms", FieldType.INT64, "How long it took, in milliseconds."))
          .build();

  private SweepRows() {}

  static Row of(SweepReport report) {
    return Row.withSchema(SCHEMA)
        .addValues(
            report.outcome().name(),
            report.found(),
            report.deleted(),
            report.alreadyGone(),
            report.left(),
            report.leftIds(),
            List.copyOf(new TreeSet<>(report.hosts())),
            report.problems(),
            report.took().toMillis())
        .build();
  }

  private static Schema.Field field(String name, FieldType type, String description) {
    return Schema.Field.of(name, type).withDescription(description);
  }
}
