package io.sandbeam.yaml;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandbeam.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.Redistribute;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/** {@code Create}: rows written into the file itself. */
final class CreateRows extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS = List.of("elements", "reshuffle");
  static final String OUTPUT = "output";

  private final transient Elements elements;
  private final boolean reshuffle;

  CreateRows(Config config) {
    this.elements = Elements.read(config);
    this.reshuffle = config.flag("reshuffle", true);
  }

  /** Rows that a file holds, and the schema they share. */
  record Elements(Schema schema, List<Row> rows) {
    static Elements read(Config config) {
      YamlNode node = config.required("elements");
      if (!(node instanceof Sequence list)) {
        throw node.location()
            .error(config.name("elements") + " must be a list, not " + node.kind());
      }
      TypeSample sample = new TypeSample("");
      List<ObjectNode> objects = new ArrayList<>();
      for (YamlNode item : list.items()) {
        ObjectNode object = YamlValues.element(item);
        sample.add(object, "line " + item.location().line());
        objects.add(object);
      }
      try {
        Schema schema = sample.schema(false);
        return new Elements(
            schema, objects.stream().map(object -> RowReader.row(object, schema)).toList());
      } catch (TypeSample.MixedTypesException e) {
        throw node.location().error(config.name("elements") + ": " + e.getMessage(), e);
      }
    }
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    PCollection<Row> rows =
        input
            .getPipeline()
            .apply("Create", Create.of(elements.rows()).withRowSchema(elements.schema()));
    if (reshuffle && elements.rows().size() > 1) {
      rows = rows.apply("Reshuffle", Redistribute.arbitrarily()).setRowSchema(elements.schema());
    }
    return PCollectionRowTuple.of(OUTPUT, rows);
  }
}
