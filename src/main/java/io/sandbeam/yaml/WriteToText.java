package io.sandbeam.yaml;

import java.util.List;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;

/** {@code WriteToText}: rows of one text field, one line each. */
final class WriteToText extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS = List.of(OutputFiles.PATH, OutputFiles.NUM_SHARDS);

  private final transient OutputFiles files;

  WriteToText(Config config) {
    this.files = new OutputFiles(config);
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    PCollection<Row> rows = input.getSinglePCollection();
    Schema schema = rows.getSchema();
    if (schema.getFieldCount() != 1
        || schema.getField(0).getType().getTypeName() != TypeName.STRING) {
      throw new IllegalArgumentException(
          "it writes rows that have one field, a text, and these have "
              + schema.getFieldNames()
              + "; choose one with MapToFields, or write them all with WriteToJson");
    }
    files.write(
        rows.apply("ToLine", MapElements.into(TypeDescriptors.strings()).via(WriteToText::line))
            .setCoder(StringUtf8Coder.of()),
        null);
    return PCollectionRowTuple.empty(input.getPipeline());
  }

  private static String line(Row row) {
    String text = row.getString(0);
    if (text == null) {
      throw new IllegalStateException(
          "WriteToText cannot write a row whose field '"
              + row.getSchema().getField(0).getName()
              + "' is null: drop such rows with Filter first");
    }
    return text;
  }
}
