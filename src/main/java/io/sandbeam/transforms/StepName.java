package io.sandbeam.transforms;

import org.apache.beam.sdk.values.PCollection;

/**
 * The full name of a transform that is being expanded. Beam tells it only to what the transform is
 * made of, so it is read off the name of a collection that a first inner step has made.
 */
final class StepName {
  private StepName() {}

  /**
   * @param made by an inner step of this name
   */
  static String of(PCollection<?> made, String innerStep) {
    String name = made.getName();
    int end =
        Math.max(name.lastIndexOf("/" + innerStep + "/"), name.lastIndexOf("/" + innerStep + "."));
    if (end <= 0) {
      throw new IllegalStateException(
          "Beam named a collection " + name + ", which does not tell its transform's name");
    }
    return name.substring(0, end);
  }
}
