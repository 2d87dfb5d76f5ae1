package io.sandbeam.transforms;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/**
 * A text in which {@code {field}} stands for a field's value. It becomes one text: never split,
 * never read by a shell. {@code ${name}} and every other brace stay as they are, and a value is
 * never interpolated again.
 */
final class Interpolation implements Serializable {
  private static final long serialVersionUID = 1;
  private static final Pattern WORD = Pattern.compile("(?<!\\$)\\{([A-Za-z_][A-Za-z0-9_.]*)}");

  private final List<Part> parts;
  private final Set<String> unknown;

  private Interpolation(List<Part> parts, Set<String> unknown) {
    this.parts = List.copyOf(parts);
    this.unknown = unknown;
  }

  /** A text that stays as it is. */
  static Interpolation literal(String text) {
    return new Interpolation(List.of(new Literal(text)), Set.of());
  }

  /**
   * Finds the fields in a text.
   *
   * @throws IllegalArgumentException when it names a field that has no text form, such as a list
   */
  static Interpolation compile(String text, Schema schema) {
    List<Part> parts = new ArrayList<>();
    Set<String> unknown = new TreeSet<>();
    Matcher matcher = WORD.matcher(text);
    int from = 0;
    while (matcher.find()) {
      List<String> path = List.of(matcher.group(1).split("\\.", -1));
      if (FieldText.resolves(schema, path)) {
        FieldText.requireText(schema, path);
        if (matcher.start() > from) {
          parts.add(new Literal(text.substring(from, matcher.start())));
        }
        parts.add(new Field(path));
        from = matcher.end();
      } else {
        unknown.add(matcher.group(1));
      }
    }
    if (from < text.length() || parts.isEmpty()) {
      parts.add(new Literal(text.substring(from)));
    }
    return new Interpolation(parts, unknown);
  }

  /** Words in braces that name no field. */
  Set<String> unknown() {
    return unknown;
  }

  /**
   * The text for one row.
   *
   * @throws InvalidElementException when a field is null, or bytes that are not UTF-8
   */
  String apply(Row row) {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      text.append(part.text(row));
    }
    return text.toString();
  }

  /** As {@link #apply}, in bytes; a text that is one field of bytes gives exactly these. */
  byte[] applyBytes(Row row) {
    if (parts.size() == 1 && parts.get(0) instanceof Field field) {
      return FieldText.bytes(row, field.path());
    }
    return apply(row).getBytes(StandardCharsets.UTF_8);
  }

  /** As {@link #apply}, for a path: no value may climb out of the folder that the text names. */
  String applyPath(Row row) {
    StringBuilder path = new StringBuilder();
    // Dots of several parts may come together, so names are looked at as they stand in the path.
    int name = 0;
    Field inName = null;
    for (Part part : parts) {
      String text = part.text(row);
      for (int i = 0; i < text.length(); i++) {
        char next = text.charAt(i);
        boolean ends = next == '/' || next == '\\';
        if (ends) {
          requireNoClimb(path, name, inName);
          name = path.length() + 1;
        }
        inName = ends ? null : part instanceof Field field ? field : inName;
        path.append(next);
      }
    }
    requireNoClimb(path, name, inName);
    return path.toString();
  }

  /** {@code ..} that the user wrote stands; a value has no part in one. */
  private static void requireNoClimb(StringBuilder path, int from, Field inName) {
    if (inName != null && path.substring(from).equals("..")) {
      throw new InvalidElementException(
          "Invalid path: field '"
              + String.join(".", inName.path())
              + "' makes it hold '..'; the value of a field cannot lead out of a folder");
    }
  }

  private sealed interface Part extends Serializable permits Literal, Field {
    String text(Row row);
  }

  private record Literal(String text) implements Part {
    @Override
    public String text(Row row) {
      return text;
    }
  }

  private record Field(List<String> path) implements Part {
    @Override
    public String text(Row row) {
      return FieldText.text(row, path);
    }
  }
}
