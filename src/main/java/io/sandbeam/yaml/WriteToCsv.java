package io.sandbeam.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/**
 * {@code WriteToCsv}: each row is a record, below a header in each file. Lists, maps and nested
 * rows are JSON text in their column; null is an empty value. A binary field has its column, and
 * one more with {@code _base64} after its name, where bytes stand that are not text.
 */
final class WriteToCsv extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS = List.of(OutputFiles.PATH, OutputFiles.NUM_SHARDS, "delimiter");

  private final transient OutputFiles files;
  private final CsvDialect dialect;

  WriteToCsv(Config config) {
    this.files = new OutputFiles(config);
    this.dialect = new CsvDialect(CsvDialect.delimiter(config), null);
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    PCollection<Row> rows = input.getSinglePCollection();
    RowWriter.check(rows.getSchema());
    List<String> columns = columns(rows.getSchema());
    files.write(
        rows.apply("ToCsv", ParDo.of(new FormatFn(columns, dialect)))
            .setCoder(StringUtf8Coder.of()),
        dialect.writing().format(columns.toArray()));
    return PCollectionRowTuple.empty(input.getPipeline());
  }

  private static List<String> columns(Schema schema) {
    List<String> columns = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      columns.add(field.getName());
      if (RowWriter.isBinary(field.getType())) {
        columns.add(field.getName() + RowWriter.BASE64);
      }
    }
    return List.copyOf(columns);
  }

  private static final class FormatFn extends DoFn<Row, String> {
    private final List<String> columns;
    private final CsvDialect dialect;

    FormatFn(List<String> columns, CsvDialect dialect) {
      this.columns = columns;
      this.dialect = dialect;
    }

    @ProcessElement
    public void process(@Element Row row, OutputReceiver<String> out) {
      ObjectNode object = RowWriter.object(row);
      Object[] values = columns.stream().map(name -> text(object.path(name))).toArray();
      out.output(dialect.writing().format(values));
    }

    private static String text(JsonNode value) {
      if (value.isNull() || value.isMissingNode()) {
        return "";
      }
      return value.isValueNode() ? value.asText() : RowWriter.line(value);
    }
  }
}
