package io.sandbeam.transforms;

import com.google.auto.service.AutoService;
import java.util.List;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.schemas.transforms.TypedSchemaTransformProvider;
import org.apache.beam.sdk.values.PCollectionRowTuple;

/** {@link SandboxSweep} for Beam YAML and other languages: {@code input} to {@code output}. */
@AutoService(SchemaTransformProvider.class)
public final class SandboxSweepSchemaTransformProvider
    extends TypedSchemaTransformProvider<SandboxSweepConfiguration> {
  /** What the transform is found by. */
  public static final String IDENTIFIER = "beam:schematransform:org:sandbeam:sweep:v1";

  @Override
  public String identifier() {
    return IDENTIFIER;
  }

  @Override
  public String description() {
    return "Ends the sandboxes that a SandboxExec left, when a bounded input is complete. Outputs one"
        + " row: outcome (EMPTY, LEFT, UNKNOWN), found, deleted, already_gone, left and more.";
  }

  @Override
  public List<String> inputCollectionNames() {
    return List.of(SandboxExecSchemaTransformProvider.INPUT);
  }

  @Override
  public List<String> outputCollectionNames() {
    return List.of(SandboxExecSchemaTransformProvider.OUTPUT);
  }

  @Override
  protected SchemaTransform from(SandboxSweepConfiguration configuration) {
    return new AfterInput(configuration.getStep());
  }

  private static final class AfterInput extends SchemaTransform {
    private static final long serialVersionUID = 1;

    private final String step;

    AfterInput(String step) {
      this.step = step;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple input) {
      return PCollectionRowTuple.of(
          SandboxExecSchemaTransformProvider.OUTPUT,
          input.getSinglePCollection().apply("Sweep", SandboxSweep.ofStep(step)));
    }
  }
}
