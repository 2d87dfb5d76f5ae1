package io.sandbeam.yaml;

import java.util.List;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;

/**
 * {@code MatchFiles}: each matching file is a row with {@code path}, {@code name} and {@code size};
 * {@link ReadFiles} gives the contents, too.
 */
final class MatchFiles extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS = List.of(InputFiles.PATH);

  private static final Schema SCHEMA =
      Schema.builder().addStringField("path").addStringField("name").addInt64Field("size").build();

  private final transient InputFiles files;

  MatchFiles(Config config) {
    this.files = new InputFiles(config);
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    files.match();
    PCollection<Row> rows =
        input
            .getPipeline()
            .apply("Match", FileIO.match().filepattern(files.spec()))
            .apply("ToRow", MapElements.into(TypeDescriptors.rows()).via(MatchFiles::row))
            .setRowSchema(SCHEMA);
    return PCollectionRowTuple.of("output", rows);
  }

  private static Row row(MatchResult.Metadata file) {
    return Row.withSchema(SCHEMA)
        .addValues(file.resourceId().toString(), file.resourceId().getFilename(), file.sizeBytes())
        .build();
  }
}
