package io.sandbeam.yaml;

import com.google.auto.service.AutoService;
import com.google.auto.value.AutoValue;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.AutoValueSchema;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.schemas.transforms.TypedSchemaTransformProvider;
import org.apache.beam.sdk.schemas.transforms.providers.ErrorHandling;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.checkerframework.checker.nullness.qual.Nullable;

/** A schema transform whose rows show the config it was given. */
@AutoService(SchemaTransformProvider.class)
public final class EchoProvider extends TypedSchemaTransformProvider<EchoProvider.Configuration> {

  /** A value of every kind. */
  @DefaultSchema(AutoValueSchema.class)
  @AutoValue
  public abstract static class Configuration {
    public abstract List<String> getCommand();

    public abstract @Nullable Integer getCount();

    public abstract @Nullable Double getRatio();

    public abstract @Nullable Boolean getEnabled();

    public abstract @Nullable Map<String, String> getEnv();

    public abstract @Nullable ErrorHandling getErrorHandling();

    /** For Beam's schemas. */
    @AutoValue.Builder
    public abstract static class Builder {
      public abstract Builder setCommand(List<String> command);

      public abstract Builder setCount(@Nullable Integer count);

      public abstract Builder setRatio(@Nullable Double ratio);

      public abstract Builder setEnabled(@Nullable Boolean enabled);

      public abstract Builder setEnv(@Nullable Map<String, String> env);

      public abstract Builder setErrorHandling(@Nullable ErrorHandling handling);

      public abstract Configuration build();
    }
  }

  @Override
  public String identifier() {
    return "beam:schematransform:org:sandbeam:test-echo:v1";
  }

  @Override
  public List<String> inputCollectionNames() {
    return List.of("input");
  }

  @Override
  protected SchemaTransform from(Configuration config) {
    if (config.getCommand().isEmpty()) {
      throw new IllegalArgumentException("the command is empty");
    }
    return new Echo(config);
  }

  private static final class Echo extends SchemaTransform {
    private static final Schema SCHEMA = Schema.builder().addStringField("text").build();

    private final transient Configuration config;

    Echo(Configuration config) {
      this.config = config;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple input) {
      String text =
          "command="
              + config.getCommand()
              + " count="
              + config.getCount()
              + " ratio="
              + config.getRatio()
              + " enabled="
              + config.getEnabled()
              + " env="
              + config.getEnv();
      PCollectionRowTuple result = PCollectionRowTuple.of("output", texts(input, "Echo", text));
      ErrorHandling handling = config.getErrorHandling();
      return handling == null
          ? result
          : result.and(handling.getOutput(), texts(input, "Fail", "failed"));
    }

    private static PCollection<Row> texts(PCollectionRowTuple input, String name, String text) {
      return input
          .get("input")
          .apply(
              name,
              MapElements.into(TypeDescriptors.rows())
                  .via(row -> Row.withSchema(SCHEMA).addValue(text).build()))
          .setRowSchema(SCHEMA);
    }
  }
}
