package io.sandbeam.yaml;

import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** {@code LogForTesting}: logs every row as a line of JSON, and passes it on. */
final class LogRows extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS = List.of("level", "prefix");

  private static final List<String> LEVELS = List.of("ERROR", "WARN", "INFO", "DEBUG", "TRACE");

  private final Level level;
  private final String prefix;

  LogRows(Config config) {
    String written = config.text("level").orElse("INFO").toUpperCase(Locale.ROOT);
    String name = written.equals("WARNING") ? "WARN" : written;
    if (!LEVELS.contains(name)) {
      throw config
          .required("level")
          .location()
          .error(
              "unknown level "
                  + NearestName.quoted(written)
                  + NearestName.hint(written, LEVELS)
                  + "; levels: "
                  + NearestName.list(LEVELS));
    }
    this.level = Level.valueOf(name);
    this.prefix = config.text("prefix").orElse("");
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    PCollection<Row> rows = input.getSinglePCollection();
    RowWriter.check(rows.getSchema());
    return PCollectionRowTuple.of(
        "output",
        rows.apply("Log", ParDo.of(new LogFn(level, prefix))).setRowSchema(rows.getSchema()));
  }

  private static final class LogFn extends DoFn<Row, Row> {
    private static final Logger LOG = LoggerFactory.getLogger("io.sandbeam.LogForTesting");

    private final Level level;
    private final String prefix;

    LogFn(Level level, String prefix) {
      this.level = level;
      this.prefix = prefix;
    }

    @ProcessElement
    public void process(@Element Row row, OutputReceiver<Row> out) {
      log(prefix + RowWriter.line(row));
      out.output(row);
    }

    /** Not by {@code atLevel}, which clusters with SLF4J 1.7 do not have. */
    private void log(String line) {
      switch (level) {
        case TRACE -> LOG.trace(line);
        case DEBUG -> LOG.debug(line);
        case INFO -> LOG.info(line);
        case WARN -> LOG.warn(line);
        case ERROR -> LOG.error(line);
      }
    }
  }
}
