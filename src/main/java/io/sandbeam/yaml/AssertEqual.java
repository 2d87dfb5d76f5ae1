package io.sandbeam.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;

/**
 * {@code AssertEqual}: fails the pipeline unless its input is exactly the given elements, in any
 * order. For tests: all rows are held in memory. A field that is null equals a field that is
 * absent, and 3 equals 3.0.
 */
final class AssertEqual extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS = List.of("elements");

  private static final int SHOWN = 5;

  private final List<String> expected;
  private final String place;

  AssertEqual(Config config) {
    this.expected =
        List.copyOf(
            CreateRows.Elements.read(config).rows().stream().map(AssertEqual::canonical).toList());
    Location location = config.location();
    this.place = location.file() + ":" + location.line() + ":" + location.column();
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    PCollectionView<Iterable<String>> actual =
        input
            .getSinglePCollection()
            .apply(
                "ToText", MapElements.into(TypeDescriptors.strings()).via(AssertEqual::canonical))
            .setCoder(StringUtf8Coder.of())
            .apply("All", View.asIterable());
    PCollection<String> once = input.getPipeline().apply("Once", Create.of(place));
    once.apply("Compare", ParDo.of(new CompareFn(expected, actual)).withSideInputs(actual));
    return PCollectionRowTuple.empty(input.getPipeline());
  }

  /** The same text for equal rows: sorted fields, nulls left out, numbers in one form. */
  private static String canonical(Row row) {
    return RowWriter.line(canonical(RowWriter.object(row)));
  }

  private static JsonNode canonical(JsonNode node) {
    if (node.isObject()) {
      ObjectNode sorted = JsonNodeFactory.instance.objectNode();
      TreeMap<String, JsonNode> fields = new TreeMap<>();
      node.fields().forEachRemaining(field -> fields.put(field.getKey(), field.getValue()));
      fields.values().removeIf(JsonNode::isNull);
      fields.forEach((name, value) -> sorted.set(name, canonical(value)));
      return sorted;
    } else if (node.isArray()) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      node.forEach(item -> array.add(canonical(item)));
      return array;
    } else if (node.isNumber()) {
      BigDecimal number = node.decimalValue();
      return new JsonNodeFactory(true).numberNode(number.stripTrailingZeros());
    }
    return node;
  }

  private static final class CompareFn extends DoFn<String, Void> {
    private final List<String> expected;
    private final PCollectionView<Iterable<String>> actual;

    CompareFn(List<String> expected, PCollectionView<Iterable<String>> actual) {
      this.expected = expected;
      this.actual = actual;
    }

    @ProcessElement
    public void process(@Element String place, ProcessContext context) {
      List<String> missing = new ArrayList<>(expected);
      List<String> unexpected = new ArrayList<>();
      for (String row : context.sideInput(actual)) {
        if (!missing.remove(row)) {
          unexpected.add(row);
        }
      }
      if (!missing.isEmpty() || !unexpected.isEmpty()) {
        throw new IllegalStateException(
            place
                + ": AssertEqual failed: "
                + missing.size()
                + " missing "
                + shown(missing)
                + ", "
                + unexpected.size()
                + " unexpected "
                + shown(unexpected));
      }
    }

    private static String shown(List<String> rows) {
      return rows.stream().limit(SHOWN).toList() + (rows.size() > SHOWN ? "…" : "");
    }
  }
}
