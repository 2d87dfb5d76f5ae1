package io.sandbeam.yaml;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A piece of a pipeline file that knows its place in it. */
sealed interface YamlNode {

  Location location();

  /** What it is, for messages: {@code a list}. */
  String kind();

  /** What a scalar means by YAML's own rules. */
  enum Meaning {
    NULL,
    BOOLEAN,
    INTEGER,
    FLOAT,
    STRING
  }

  /** A word or number. {@code text} is what stands in the file, quotes and escapes resolved. */
  record Scalar(Location location, String text, Meaning meaning) implements YamlNode {
    @Override
    public String kind() {
      return meaning == Meaning.NULL ? "nothing" : NearestName.quoted(text);
    }
  }

  /** Items in order. */
  record Sequence(Location location, List<YamlNode> items) implements YamlNode {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Entries in order of appearance; keys are unique texts. */
  record Mapping(Location location, Map<String, Entry> entries) implements YamlNode {
    static Mapping empty(Location location) {
      return new Mapping(location, new LinkedHashMap<>());
    }

    /** The value of a key, or null. */
    YamlNode get(String key) {
      Entry entry = entries.get(key);
      return entry == null ? null : entry.value();
    }

    @Override
    public String kind() {
      return "a mapping";
    }
  }

  /** A key's place and its value. */
  record Entry(Location key, YamlNode value) {}
}
