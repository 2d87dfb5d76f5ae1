package io.sandbeam.yaml;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
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

/**
 * {@code ReadFromJson}: each line of the files is a JSON object and becomes a row.
 *
 * <p>The fields and their types are those of the first 10,000 lines, read when the pipeline is
 * built. If there are more lines than that, any field may be null. A later line with a field of
 * another name or type is a failure that names file and line.
 */
final class ReadFromJson extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS = List.of(InputFiles.PATH, Config.ERROR_HANDLING);

  private static final int SAMPLED_LINES = 10_000;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final transient InputFiles files;
  private final Failures failures;

  ReadFromJson(Config config) {
    this.files = new InputFiles(config);
    this.failures = new Failures(config, SourceLine.SCHEMA);
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    Schema schema = sample();
    return failures.apply("Parse", files.read(input), new ParseFn(schema, failures), schema);
  }

  private Schema sample() {
    TypeSample sample = new TypeSample("");
    int lines = 0;
    for (MatchResult.Metadata file : files.match()) {
      lines += sample(file, sample, SAMPLED_LINES - lines);
    }
    try {
      Schema schema = sample.schema(lines >= SAMPLED_LINES);
      if (schema.getFieldCount() == 0) {
        throw files.location().error("there is no data in " + NearestName.quoted(files.spec()));
      }
      return schema;
    } catch (TypeSample.MixedTypesException e) {
      throw files.location().error(e.getMessage(), e);
    }
  }

  /** Takes up to {@code most} lines of a file into account; answers how many. */
  private int sample(MatchResult.Metadata file, TypeSample sample, int most) {
    String name = file.resourceId().toString();
    int taken = 0;
    int number = 0;
    try (BufferedReader reader = reader(InputFiles.open(file))) {
      for (String line = reader.readLine();
          line != null && taken < most;
          line = reader.readLine()) {
        number++;
        String text = withoutMark(line, number);
        if (!text.isBlank()) {
          sample(sample, name, number, text);
          taken++;
        }
      }
      return taken;
    } catch (IOException e) {
      throw files
          .location()
          .error("cannot read " + NearestName.quoted(name) + ": " + Causes.message(e), e);
    }
  }

  private void sample(TypeSample sample, String file, int number, String line) {
    try {
      sample.add(JsonLines.parse(line), file + " line " + number);
    } catch (RowReader.MisfitException e) {
      if (!failures.areCollected()) {
        throw files.location().error(SourceLine.error(file, number, e).getMessage(), e);
      }
    }
  }

  private static BufferedReader reader(java.io.InputStream in) {
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
  }

  private static String withoutMark(String line, long number) {
    boolean isMarked = number == 1 && !line.isEmpty() && line.charAt(0) == BYTE_ORDER_MARK;
    return isMarked ? line.substring(1) : line;
  }

  private static final class ParseFn extends DoFn<FileIO.ReadableFile, Row> {
    private final Schema schema;
    private final Failures failures;

    ParseFn(Schema schema, Failures failures) {
      this.schema = schema;
      this.failures = failures;
    }

    @ProcessElement
    public void process(@Element FileIO.ReadableFile file, MultiOutputReceiver out)
        throws IOException {
      String name = file.getMetadata().resourceId().toString();
      try (BufferedReader reader = reader(Channels.newInputStream(file.open()))) {
        long number = 0;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          number++;
          String text = withoutMark(line, number);
          if (!text.isBlank()) {
            parse(name, number, text, out);
          }
        }
      }
    }

    private void parse(String file, long number, String line, MultiOutputReceiver out) {
      Row row;
      try {
        row = RowReader.row(JsonLines.parse(line), schema);
      } catch (RowReader.MisfitException e) {
        failures.record(SourceLine.row(file, number, line), SourceLine.error(file, number, e), out);
        return;
      }
      out.get(Failures.ROWS).output(row);
    }
  }
}
