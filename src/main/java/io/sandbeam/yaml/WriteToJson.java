package io.sandbeam.yaml;

import java.util.List;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;

/** {@code WriteToJson}: each row is a line of JSON, as {@link RowWriter} writes it. */
final class WriteToJson extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS = List.of(OutputFiles.PATH, OutputFiles.NUM_SHARDS);

  private final transient OutputFiles files;

  WriteToJson(Config config) {
    this.files = new OutputFiles(config);
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    PCollection<Row> rows = input.getSinglePCollection();
    RowWriter.check(rows.getSchema());
    files.write(
        rows.apply(
                "ToJson",
                MapElements.into(TypeDescriptors.strings()).via((Row row) -> RowWriter.line(row)))
            .setCoder(StringUtf8Coder.of()),
        null);
    return PCollectionRowTuple.empty(input.getPipeline());
  }
}
