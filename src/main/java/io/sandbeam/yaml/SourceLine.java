package io.sandbeam.yaml;

import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/** Where a row of data came from: what a failed row shows, and what messages name. */
final class SourceLine {
  static final Schema SCHEMA =
      Schema.builder()
          .addStringField("file")
          .addInt64Field("line_number")
          .addStringField("line")
          .build();

  private SourceLine() {}

  static Row row(String file, long number, String line) {
    return Row.withSchema(SCHEMA).addValues(file, number, line).build();
  }

  static IllegalStateException error(String file, long number, RuntimeException reason) {
    return new IllegalStateException(
        file + ", line " + number + ": " + reason.getMessage(), reason);
  }
}
