package io.sandbeam.yaml;

import io.sandbeam.yaml.YamlNode.Entry;
import io.sandbeam.yaml.YamlNode.Mapping;
import io.sandbeam.yaml.YamlNode.Meaning;
import io.sandbeam.yaml.YamlNode.Scalar;
import io.sandbeam.yaml.YamlNode.Sequence;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.AnchorNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads text as YAML 1.1 into nodes that know their place, as Beam's own reader (PyYAML) does, and
 * refuses what hurts: more than one document, a key given twice, aliases that contain themselves or
 * expand without measure, nesting without end, tags that ask for objects.
 */
final class YamlReader {
  private static final int MAX_DEPTH = 100;

  /** A file has at most this many characters, so only aliases can get so far. */
  private static final int MAX_NODES = 2_000_000;

  private static final Resolver RESOLVER = new Resolver();
  private static final Set<Tag> MEANINGS = Set.of(Tag.NULL, Tag.BOOL, Tag.INT, Tag.FLOAT);

  private final SourceText source;
  private final int[] offsets;
  private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private int nodes;

  private YamlReader(SourceText source) {
    this.source = source;
    this.offsets = codePointOffsets(source.text());
  }

  static YamlNode read(SourceText source) {
    return new YamlReader(source).read();
  }

  private YamlNode read() {
    LoaderOptions options = new LoaderOptions();
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setCodePointLimit(Integer.MAX_VALUE);
    options.setMaxAliasesForCollections(Integer.MAX_VALUE);
    try {
      Iterator<Node> documents =
          new Yaml(options).composeAll(new StringReader(source.text())).iterator();
      if (!documents.hasNext()) {
        throw PipelineFileException.ofFile(
            source.file(), "the file is empty; it needs a 'pipeline:'");
      }
      Node first = documents.next();
      if (documents.hasNext()) {
        throw at(documents.next().getStartMark())
            .error("a second document starts here ('---'); a pipeline file holds one");
      }
      return convert(first);
    } catch (MarkedYAMLException e) {
      throw broken(e);
    } catch (YAMLException e) {
      throw tooDeepOr(e);
    }
  }

  private YamlNode convert(Node node) {
    Location location = at(node.getStartMark());
    if (node instanceof AnchorNode anchor) {
      return convert(anchor.getRealNode());
    }
    if (++nodes > MAX_NODES) {
      throw location.error(
          "the aliases of this file expand to more than "
              + MAX_NODES
              + " values; write them out, or fewer");
    }
    if (node instanceof ScalarNode scalar) {
      return new Scalar(location, scalar.getValue(), meaning(scalar));
    }
    if (!open.add(node)) {
      throw location.error("this contains itself through an alias ('*')");
    }
    try {
      return node instanceof SequenceNode sequence
          ? sequence(location, sequence)
          : mapping(location, (MappingNode) node);
    } finally {
      open.remove(node);
    }
  }

  private YamlNode sequence(Location location, SequenceNode node) {
    requireTag(location, node, Tag.SEQ);
    List<YamlNode> items = new ArrayList<>();
    for (Node item : node.getValue()) {
      items.add(convert(item));
    }
    return new Sequence(location, Collections.unmodifiableList(items));
  }

  private YamlNode mapping(Location location, MappingNode node) {
    requireTag(location, node, Tag.MAP);
    Map<String, Entry> entries = new LinkedHashMap<>();
    List<Mapping> merged = new ArrayList<>();
    for (NodeTuple tuple : node.getValue()) {
      Location keyLocation = at(tuple.getKeyNode().getStartMark());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw keyLocation.error(
            "a key must be a word, and this is a list or mapping; quote it if it is text");
      }
      if (key.getTag().equals(Tag.MERGE)) {
        addMerged(merged, convert(tuple.getValueNode()));
        continue;
      }
      Entry earlier = entries.get(key.getValue());
      if (earlier != null) {
        throw keyLocation.error(
            "key "
                + NearestName.quoted(key.getValue())
                + " is given twice; it is already on line "
                + earlier.key().line());
      }
      entries.put(key.getValue(), new Entry(keyLocation, convert(tuple.getValueNode())));
    }
    for (Mapping more : merged) {
      more.entries().forEach(entries::putIfAbsent);
    }
    return new Mapping(location, Collections.unmodifiableMap(entries));
  }

  private static void addMerged(List<Mapping> merged, YamlNode value) {
    if (value instanceof Mapping mapping) {
      merged.add(mapping);
    } else if (value instanceof Sequence sequence) {
      sequence.items().forEach(item -> addMerged(merged, item));
    } else {
      throw value
          .location()
          .error("'<<' takes a mapping or a list of mappings, not " + value.kind());
    }
  }

  private Meaning meaning(ScalarNode node) {
    Tag tag = node.getTag();
    requireFit(node, tag);
    if (tag.equals(Tag.NULL)) {
      return Meaning.NULL;
    } else if (tag.equals(Tag.BOOL)) {
      return Meaning.BOOLEAN;
    } else if (tag.equals(Tag.INT)) {
      return Meaning.INTEGER;
    } else if (tag.equals(Tag.FLOAT)) {
      return Meaning.FLOAT;
    } else if (tag.equals(Tag.STR) || node.getScalarStyle() != ScalarStyle.PLAIN) {
      if (!tag.equals(Tag.STR)) {
        requireTag(at(node.getStartMark()), node, Tag.STR);
      }
      return Meaning.STRING;
    } else if (tag.equals(Tag.TIMESTAMP) || tag.equals(Tag.MERGE)) {
      return Meaning.STRING;
    }
    requireTag(at(node.getStartMark()), node, Tag.STR);
    return Meaning.STRING;
  }

  /** A tag that was written ({@code !!int abc}) may say what the value is not. */
  private void requireFit(ScalarNode node, Tag tag) {
    if (MEANINGS.contains(tag)
        && !RESOLVER.resolve(NodeId.scalar, node.getValue(), true).equals(tag)) {
      throw at(node.getStartMark())
          .error(
              NearestName.quoted(node.getValue())
                  + " is not what its tag "
                  + NearestName.quoted(tag.getValue())
                  + " says; write plain YAML values");
    }
  }

  private static void requireTag(Location location, Node node, Tag expected) {
    if (!node.getTag().equals(expected)) {
      throw location.error(
          "tag "
              + NearestName.quoted(node.getTag().getValue())
              + " is not supported; write plain YAML values");
    }
  }

  private PipelineFileException broken(MarkedYAMLException e) {
    Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
    String problem = e.getProblem() == null ? e.getMessage() : e.getProblem();
    Location location = mark == null ? new Location(source.file(), 1, 1) : at(mark);
    if (problem.contains("'\\t(TAB)'") || problem.contains("\\t") || problem.contains("TAB")) {
      return location.error("a tab stands where YAML wants spaces; indent with spaces");
    }
    String context = e.getContext() == null ? "" : " " + e.getContext();
    return location.error("this is not YAML: " + problem + context);
  }

  private PipelineFileException tooDeepOr(YAMLException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("Nesting Depth")) {
      return PipelineFileException.ofFile(
          source.file(), "the file is nested more than " + MAX_DEPTH + " levels deep");
    }
    return PipelineFileException.ofFile(
        source.file(), "this is not YAML: " + message.lines().findFirst().orElse(""));
  }

  private Location at(Mark mark) {
    return source.at(offsets[Math.min(mark.getIndex(), offsets.length - 1)]);
  }

  /** SnakeYAML counts code points; texts count characters. */
  private static int[] codePointOffsets(String text) {
    int[] offsets = new int[text.codePointCount(0, text.length()) + 1];
    int offset = 0;
    for (int i = 0; i < offsets.length - 1; i++) {
      offsets[i] = offset;
      offset += Character.charCount(text.codePointAt(offset));
    }
    offsets[offsets.length - 1] = offset;
    return offsets;
  }
}
