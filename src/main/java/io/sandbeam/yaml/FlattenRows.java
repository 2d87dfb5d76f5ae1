package io.sandbeam.yaml;

import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/** {@code Flatten}: the rows of all inputs, which must have the same fields. */
final class FlattenRows extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS = List.of();
  static final String OUTPUT = "output";

  private final transient Location location;

  FlattenRows(Config config) {
    this(config.location());
  }

  FlattenRows(Location location) {
    this.location = location;
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    Map<String, PCollection<Row>> inputs = input.getAll();
    Schema schema = null;
    PCollectionList<Row> list = PCollectionList.empty(input.getPipeline());
    for (Map.Entry<String, PCollection<Row>> entry : inputs.entrySet()) {
      Schema other = entry.getValue().getSchema();
      if (schema != null && !schema.equals(other)) {
        throw location.error(
            "the inputs have different fields: "
                + fields(schema)
                + " and "
                + fields(other)
                + "; make them the same with MapToFields first");
      }
      schema = other;
      list = list.and(entry.getValue());
    }
    return PCollectionRowTuple.of(
        OUTPUT, list.apply("Flatten", Flatten.pCollections()).setRowSchema(schema));
  }

  private static String fields(Schema schema) {
    return schema.getFields().stream()
        .map(
            field ->
                field.getName()
                    + " "
                    + field.getType().getTypeName()
                    + (field.getType().getNullable() ? " or null" : ""))
        .toList()
        .toString();
  }
}
