package io.sandbeam.transforms;

/** Whether elements are spread over the workers before their commands run. */
public enum Redistribution {
  /**
   * Yes: the work is spread evenly, and a retry of the commands does not repeat the steps before
   * them.
   */
  ARBITRARILY,
  /** No: commands run where their elements are, fused with the step that made them. */
  NONE
}
