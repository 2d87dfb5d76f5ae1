package io.sandbeam.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * {@code ReadFromCsv}: the first record of each file names the fields, each other one is a row.
 *
 * <p>A column is INT64, DOUBLE or BOOLEAN when all of its values in the first 10,000 records are
 * written that way, and text otherwise; {@code 007} is text. An empty value is null in a column
 * that is not text.
 */
final class ReadFromCsv extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS =
      List.of(InputFiles.PATH, "delimiter", "comment", Config.ERROR_HANDLING);

  private static final int SAMPLED_RECORDS = 10_000;

  private final transient InputFiles files;
  private final CsvDialect dialect;
  private final Failures failures;

  ReadFromCsv(Config config) {
    this.files = new InputFiles(config);
    this.dialect = CsvDialect.of(config);
    this.failures = new Failures(config, SourceLine.SCHEMA);
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    Schema schema = sample();
    return failures.apply(
        "Parse", files.read(input), new ParseFn(schema, dialect, failures), schema);
  }

  private Schema sample() {
    CsvColumns columns = new CsvColumns();
    int taken = 0;
    for (MatchResult.Metadata file : files.match()) {
      String name = file.resourceId().toString();
      try (CSVParser parser = parser(InputFiles.open(file), dialect)) {
        List<String> header = parser.getHeaderNames();
        if (header.isEmpty()) {
          throw files.location().error(name + " is empty; its first line must name the columns");
        }
        columns.header(header, name, files.location());
        for (CSVRecord record : parser) {
          if (++taken > SAMPLED_RECORDS) {
            break;
          }
          columns.add(record);
        }
      } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
        throw files.location().error(name + ": " + Causes.message(e), e);
      }
    }
    return columns.schema(taken > SAMPLED_RECORDS);
  }

  private static CSVParser parser(InputStream in, CsvDialect dialect) throws IOException {
    return dialect.reading().parse(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
  }

  private static final class ParseFn extends DoFn<FileIO.ReadableFile, Row> {
    private final Schema schema;
    private final CsvDialect dialect;
    private final Failures failures;

    ParseFn(Schema schema, CsvDialect dialect, Failures failures) {
      this.schema = schema;
      this.dialect = dialect;
      this.failures = failures;
    }

    @ProcessElement
    public void process(@Element FileIO.ReadableFile file, MultiOutputReceiver out)
        throws IOException {
      String name = file.getMetadata().resourceId().toString();
      try (CSVParser parser = parser(Channels.newInputStream(file.open()), dialect)) {
        for (CSVRecord record : parser) {
          read(name, record, parser.getHeaderNames(), parser.getCurrentLineNumber(), out);
        }
      } catch (UncheckedIOException e) {
        if (e.getCause() instanceof CSVException broken) {
          throw new IOException(name + ": " + broken.getMessage(), e);
        }
        throw e;
      }
    }

    private void read(
        String file, CSVRecord record, List<String> header, long line, MultiOutputReceiver out) {
      Row row;
      try {
        row = RowReader.row(object(record, header), schema);
      } catch (RowReader.MisfitException e) {
        Row input =
            SourceLine.row(file, line, String.join(String.valueOf(dialect.delimiter()), record));
        failures.record(input, SourceLine.error(file, line, e), out);
        return;
      }
      out.get(Failures.ROWS).output(row);
    }

    private ObjectNode object(CSVRecord record, List<String> header) {
      if (record.size() != header.size()) {
        throw new RowReader.MisfitException(
            "there are "
                + record.size()
                + " values, and "
                + header.size()
                + " columns in the header");
      }
      ObjectNode object = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
      for (int i = 0; i < header.size(); i++) {
        JsonNode value =
            schema.hasField(header.get(i))
                ? CsvColumns.value(record.get(i), schema.getField(header.get(i)).getType())
                : object.textNode(record.get(i));
        object.set(header.get(i), value);
      }
      return object;
    }
  }
}
