package io.sandbeam.yaml;

import io.sandbeam.yaml.YamlNode.Mapping;
import io.sandbeam.yaml.YamlNode.Scalar;
import java.util.Collection;
import java.util.Map;

/** Reads mappings whose keys are known beforehand. */
final class Keys {
  /** Marks that Beam's own loader leaves in a document; without meaning here. */
  private static final String BEAM_LINE = "__line__";

  private static final String BEAM_UUID = "__uuid__";

  private Keys() {}

  /** The node as a mapping, or an error that says what it is for. */
  static Mapping mapping(String what, YamlNode node) {
    if (node instanceof Mapping mapping) {
      return mapping;
    }
    throw node.location().error(what + " must be a mapping (key: value), not " + node.kind());
  }

  /** The node as one word or number, by its text in the file. */
  static String text(String what, YamlNode node) {
    if (node instanceof Scalar scalar && scalar.meaning() != YamlNode.Meaning.NULL) {
      return scalar.text();
    }
    throw node.location().error(what + " must be one word or text, not " + node.kind());
  }

  /** Refuses every key that is not known, with the nearest that is. */
  static void check(String owner, Mapping mapping, Collection<String> known) {
    for (Map.Entry<String, YamlNode.Entry> entry : mapping.entries().entrySet()) {
      String key = entry.getKey();
      if (!known.contains(key) && !isBeamMark(key)) {
        throw entry.getValue().key().error(unknown(owner, key, known));
      }
    }
  }

  static boolean isBeamMark(String key) {
    return key.equals(BEAM_LINE) || key.equals(BEAM_UUID);
  }

  private static String unknown(String owner, String key, Collection<String> known) {
    return "unknown key "
        + NearestName.quoted(key)
        + " in "
        + owner
        + NearestName.hint(key, known)
        + (known.isEmpty() ? "; it takes none" : "; it takes: " + NearestName.list(known));
  }
}
