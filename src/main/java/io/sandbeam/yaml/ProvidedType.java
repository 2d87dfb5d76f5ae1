package io.sandbeam.yaml;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollectionRowTuple;

/** A type that a schema transform on the class path carries out; its configuration schema rules. */
record ProvidedType(String name, SchemaTransformProvider provider) implements TransformType {

  @Override
  public Set<String> keys() {
    return Collections.unmodifiableSet(
        new LinkedHashSet<>(provider.configurationSchema().getFieldNames()));
  }

  @Override
  public Arity arity() {
    List<String> inputs = provider.inputCollectionNames();
    return inputs.size() == 1 ? Arity.ONE : Arity.ANY;
  }

  @Override
  public PTransform<PCollectionRowTuple, PCollectionRowTuple> create(Config config) {
    Schema schema = provider.configurationSchema();
    try {
      return provider.from(ConfigRows.row(config, schema));
    } catch (PipelineFileException e) {
      throw e;
    } catch (RuntimeException e) {
      throw config.location().error(name + ": " + Causes.message(e), e);
    }
  }
}
