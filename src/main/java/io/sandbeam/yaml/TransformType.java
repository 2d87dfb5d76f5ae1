package io.sandbeam.yaml;

import java.util.Set;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollectionRowTuple;

/** A word that {@code type:} may hold: which config it takes, and the transform it stands for. */
interface TransformType {

  /** How many inputs a step of this type has. */
  enum Arity {
    /** It reads from outside: a source. */
    NONE,
    /** Rows of one input, which is named {@code input}. */
    ONE,
    /** Several inputs, by any names. */
    SEVERAL,
    /** What the transform itself decides. */
    ANY
  }

  String name();

  /** The keys of its config, in the order in which messages list them. */
  Set<String> keys();

  Arity arity();

  /**
   * The transform for a config. Checks every value of it, and touches nothing outside.
   *
   * @throws PipelineFileException when a value is not what the key takes
   */
  PTransform<PCollectionRowTuple, PCollectionRowTuple> create(Config config);
}
