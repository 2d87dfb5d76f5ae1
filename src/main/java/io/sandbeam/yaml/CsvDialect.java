package io.sandbeam.yaml;

import java.io.Serializable;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.DuplicateHeaderMode;

/**
 * How a CSV file is written: RFC 4180 with another delimiter, and comment lines, where asked for.
 */
record CsvDialect(char delimiter, Character comment) implements Serializable {

  static CsvDialect of(Config config) {
    return new CsvDialect(delimiter(config), character(config, "comment").orElse(null));
  }

  static char delimiter(Config config) {
    return character(config, "delimiter").orElse(',');
  }

  private static Optional<Character> character(Config config, String key) {
    Optional<String> written = config.text(key);
    if (written.isEmpty()) {
      return Optional.empty();
    }
    String text = written.get().equals("\\t") ? "\t" : written.get();
    if (text.length() != 1) {
      throw config
          .required(key)
          .location()
          .error(config.name(key) + " must be one character, not " + NearestName.quoted(text));
    }
    return Optional.of(text.charAt(0));
  }

  CSVFormat reading() {
    return CSVFormat.RFC4180
        .builder()
        .setDelimiter(delimiter)
        .setCommentMarker(comment)
        .setHeader()
        .setSkipHeaderRecord(true)
        .setIgnoreEmptyLines(true)
        .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
        .get();
  }

  CSVFormat writing() {
    return CSVFormat.RFC4180.builder().setDelimiter(delimiter).setRecordSeparator("").get();
  }
}
