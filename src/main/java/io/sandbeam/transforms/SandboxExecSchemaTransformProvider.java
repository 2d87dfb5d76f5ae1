package io.sandbeam.transforms;

import com.google.auto.service.AutoService;
import java.util.List;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.schemas.transforms.TypedSchemaTransformProvider;
import org.apache.beam.sdk.schemas.transforms.providers.ErrorHandling;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/**
 * {@link SandboxExec} for Beam YAML and other languages. Input {@code input}; outputs {@code
 * output}, and the one that {@code error_handling} names.
 */
@AutoService(SchemaTransformProvider.class)
public final class SandboxExecSchemaTransformProvider
    extends TypedSchemaTransformProvider<SandboxExecConfiguration> {
  /** What the transform is found by. */
  public static final String IDENTIFIER = "beam:schematransform:org:sandbeam:exec:v1";

  static final String INPUT = "input";
  static final String OUTPUT = "output";

  @Override
  public String identifier() {
    return IDENTIFIER;
  }

  @Override
  public String description() {
    return "Runs a command in a sandbox for each row. Outputs one row per command: id, command,"
        + " status (SUCCEEDED, FAILED, TIMED_OUT, OUT_OF_MEMORY), exit_code, stdout, stderr and more,"
        + " with the input row as element.";
  }

  @Override
  public List<String> inputCollectionNames() {
    return List.of(INPUT);
  }

  @Override
  public List<String> outputCollectionNames() {
    return List.of(OUTPUT, "errors");
  }

  @Override
  protected SchemaTransform from(SandboxExecConfiguration configuration) {
    return new Exec(configuration);
  }

  private static final class Exec extends SchemaTransform implements UsesSandboxes {
    private static final long serialVersionUID = 1;

    private final SandboxExec<Row, SandboxExec.RowResult> exec;
    private final String errors;

    Exec(SandboxExecConfiguration configuration) {
      exec = configuration.toTransform();
      errors = ErrorHandling.getOutputOrNull(configuration.getErrorHandling());
      if (OUTPUT.equals(errors)) {
        throw new IllegalArgumentException(
            "SandboxExec, field 'error_handling': its output cannot be called '"
                + OUTPUT
                + "', which is where results go");
      }
    }

    /** Expanded in place, so that the step has the name its user gave it. */
    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple input) {
      SandboxExec.RowResult result = exec.expand(input.getSinglePCollection());
      PCollectionRowTuple outputs = PCollectionRowTuple.of(OUTPUT, result.results());
      return errors == null ? outputs : outputs.and(errors, result.failures());
    }

    @Override
    public void populateDisplayData(DisplayData.Builder builder) {
      builder.delegate(exec);
    }
  }
}
