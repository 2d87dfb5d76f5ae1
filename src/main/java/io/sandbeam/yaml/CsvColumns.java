package io.sandbeam.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.apache.commons.csv.CSVRecord;

/** Finds the types of a CSV file's columns, and reads values by them. */
final class CsvColumns {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** At most 18 digits fit INT64; a leading zero says that it is no number. */
  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9]\\d{0,17})");

  private static final Pattern FLOAT =
      Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d{1,3})?");
  private static final Pattern BOOLEAN = Pattern.compile("[Tt]rue|[Ff]alse|TRUE|FALSE");

  private final Map<String, Column> columns = new LinkedHashMap<>();

  private static final class Column {
    private boolean isInteger = true;
    private boolean isFloat = true;
    private boolean isBoolean = true;
    private boolean isEmpty = true;
    private boolean hasEmpty;

    void add(String value) {
      if (value.isEmpty()) {
        hasEmpty = true;
        return;
      }
      isEmpty = false;
      isInteger &= INTEGER.matcher(value).matches();
      isFloat &= FLOAT.matcher(value).matches();
      isBoolean &= BOOLEAN.matcher(value).matches();
    }

    FieldType type(boolean allNullable) {
      if (isEmpty || !(isInteger || isFloat || isBoolean)) {
        return FieldType.STRING;
      }
      FieldType type = isInteger ? FieldType.INT64 : isFloat ? FieldType.DOUBLE : FieldType.BOOLEAN;
      return hasEmpty || allNullable ? type.withNullable(true) : type;
    }
  }

  /** Takes a file's header into account; all files have the same columns. */
  void header(List<String> names, String file, Location location) {
    if (names.stream().anyMatch(String::isBlank)) {
      throw location.error(file + ": a column of the first line has no name");
    }
    if (!columns.isEmpty() && !List.copyOf(columns.keySet()).equals(names)) {
      throw location.error(
          file
              + " has other columns than the files before it: "
              + names
              + ", not "
              + columns.keySet());
    }
    names.forEach(name -> columns.computeIfAbsent(name, key -> new Column()));
  }

  void add(CSVRecord record) {
    int i = 0;
    for (Column column : columns.values()) {
      if (i < record.size()) {
        column.add(record.get(i++));
      }
    }
  }

  Schema schema(boolean allNullable) {
    Schema.Builder schema = Schema.builder();
    columns.forEach(
        (name, column) -> schema.addField(Schema.Field.of(name, column.type(allNullable))));
    return schema.build();
  }

  /**
   * A value as its column's type has it; one that does not fit stays text, and is refused as such.
   */
  static JsonNode value(String text, FieldType type) {
    TypeName name = type.getTypeName();
    if (name == TypeName.STRING) {
      return JSON.textNode(text);
    } else if (text.isEmpty()) {
      return JSON.nullNode();
    } else if (name == TypeName.INT64 && INTEGER.matcher(text).matches()) {
      return JSON.numberNode(Long.parseLong(text));
    } else if (name == TypeName.DOUBLE && FLOAT.matcher(text).matches()) {
      return JSON.numberNode(Double.parseDouble(text));
    } else if (name == TypeName.BOOLEAN && BOOLEAN.matcher(text).matches()) {
      return JSON.booleanNode(Boolean.parseBoolean(text));
    }
    return JSON.textNode(text);
  }
}
