package io.sandbeam.transforms;

import com.google.auto.value.AutoValue;
import org.apache.beam.sdk.schemas.AutoValueSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldDescription;

/** The configuration of {@code SandboxSweep} in Beam YAML and other languages. */
@AutoValue
@DefaultSchema(AutoValueSchema.class)
public abstract class SandboxSweepConfiguration {

  @SchemaFieldDescription(
      "The name of the SandboxExec whose sandboxes are swept when the input is complete.")
  public abstract String getStep();

  static Builder builder() {
    return new AutoValue_SandboxSweepConfiguration.Builder();
  }

  @AutoValue.Builder
  abstract static class Builder {
    abstract Builder setStep(String step);

    abstract SandboxSweepConfiguration build();
  }
}
