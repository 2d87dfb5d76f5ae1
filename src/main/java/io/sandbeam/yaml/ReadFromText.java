package io.sandbeam.yaml;

import java.util.List;
import org.apache.beam.sdk.io.TextIO;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;

/** {@code ReadFromText}: each line of the files is a row with the field {@code line}. */
final class ReadFromText extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS = List.of(InputFiles.PATH, "delimiter");

  private static final Schema SCHEMA = Schema.builder().addStringField("line").build();

  private final transient InputFiles files;
  private final String delimiter;

  ReadFromText(Config config) {
    this.files = new InputFiles(config);
    this.delimiter = config.text("delimiter").orElse("");
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    files.match();
    TextIO.Read read = TextIO.read().from(files.spec());
    if (!delimiter.isEmpty()) {
      read = read.withDelimiter(delimiter.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    PCollection<Row> rows =
        input
            .getPipeline()
            .apply("Read", read)
            .apply(
                "ToRow",
                MapElements.into(TypeDescriptors.rows())
                    .via(line -> Row.withSchema(SCHEMA).addValue(line).build()))
            .setRowSchema(SCHEMA);
    return PCollectionRowTuple.of("output", rows);
  }
}
