package io.sandbeam.transforms;

import java.io.Serializable;

/**
 * Where commands that could not be run go. Until somebody asks for the failures they fail the
 * pipeline, so that none is lost without a word; asking for them, while the pipeline is built,
 * makes them an output. Shared by the step's DoFn and its result, and fixed when the DoFn is
 * serialized.
 */
final class FailureRoute implements Serializable {
  private static final long serialVersionUID = 1;

  private volatile boolean output;

  void toOutput() {
    output = true;
  }

  boolean isOutput() {
    return output;
  }
}
