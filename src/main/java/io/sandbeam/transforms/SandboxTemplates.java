package io.sandbeam.transforms;

import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.transforms.display.DisplayData;

/**
 * Classic templates build a pipeline once and launch it many times: every launch would have the
 * same job id, so that one run's sweep would end another run's sandboxes.
 */
final class SandboxTemplates {
  /** The option of the Dataflow runner, which need not be on the class path here. */
  private static final String OPTION = "templateLocation";

  private SandboxTemplates() {}

  /**
   * @throws IllegalArgumentException when the options build a classic template
   */
  static void refuse(PipelineOptions options) {
    for (DisplayData.Item item : DisplayData.from(options).items()) {
      if (item.getKey().equals(OPTION) && item.getValue() != null) {
        throw new IllegalArgumentException(
            "Classic templates are not supported (--"
                + OPTION
                + "="
                + item.getValue()
                + "): every launch would share one job id, and one run's sweep would end another"
                + " run's sandboxes. Use a Flex template, which builds the pipeline at each launch");
      }
    }
  }
}
