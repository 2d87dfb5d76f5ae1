package io.sandbeam.yaml;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollectionRowTuple;

/** A type that this package carries out itself. */
record BuiltIn(
    String name,
    Arity arity,
    Set<String> keys,
    Function<Config, PTransform<PCollectionRowTuple, PCollectionRowTuple>> maker)
    implements TransformType {

  static BuiltIn of(
      String name,
      Arity arity,
      List<String> keys,
      Function<Config, PTransform<PCollectionRowTuple, PCollectionRowTuple>> maker) {
    return new BuiltIn(name, arity, Collections.unmodifiableSet(new LinkedHashSet<>(keys)), maker);
  }

  @Override
  public PTransform<PCollectionRowTuple, PCollectionRowTuple> create(Config config) {
    return maker.apply(config);
  }
}
