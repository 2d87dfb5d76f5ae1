package io.sandbeam.transforms;

import com.google.auto.value.AutoValue;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.AutoValueSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldDescription;
import org.apache.beam.sdk.schemas.transforms.providers.ErrorHandling;
import org.apache.beam.sdk.values.Row;
import org.checkerframework.checker.nullness.qual.Nullable;

/**
 * The configuration of {@code SandboxExec} in Beam YAML and other languages; all of it optional.
 */
@AutoValue
@DefaultSchema(AutoValueSchema.class)
public abstract class SandboxExecConfiguration {

  @SchemaFieldDescription(
      "The program and its arguments; {field} stands for a field of the input, and no shell reads"
          + " them. Without it, each row is a command: its fields are id, command, stdin, env, files,"
          + " timeout, and only command is required.")
  public abstract @Nullable List<String> getCommand();

  @SchemaFieldDescription(
      "What to call each command in its result, with {field}s; the row's own field id unless set.")
  public abstract @Nullable String getId();

  @SchemaFieldDescription("What the command reads from its standard input, with {field}s.")
  public abstract @Nullable String getStdin();

  @SchemaFieldDescription(
      "Variables of the command by name; {field}s are replaced in their values.")
  public abstract @Nullable Map<String, String> getEnv();

  @SchemaFieldDescription(
      "Files that are there before the command starts: path, under /workspace unless absolute, to"
          + " content; {field}s are replaced in both.")
  public abstract @Nullable Map<String, String> getFiles();

  @SchemaFieldDescription(
      "Files that are copied out after the command: path in the sandbox to destination; {field}s are"
          + " replaced in both. At most 1 GiB each.")
  public abstract @Nullable Map<String, String> getOutputs();

  @SchemaFieldDescription("Whether {field}s are replaced; true unless set.")
  public abstract @Nullable Boolean getInterpolate();

  @SchemaFieldDescription(
      "The image; which names there are is the service's. Its default unless set.")
  public abstract @Nullable String getImage();

  @SchemaFieldDescription("How long a command may run, such as 500ms, 10s or 1m30s; 5m unless set.")
  public abstract @Nullable String getTimeout();

  @SchemaFieldDescription(
      "How many commands one worker runs at a time; the option --concurrency, or twice its"
          + " processors, unless set.")
  public abstract @Nullable Integer getConcurrency();

  @SchemaFieldDescription(
      "How many commands share a sandbox: element (one, the default), bundle, or worker (the"
          + " fastest; for commands that may know of each other).")
  public abstract @Nullable String getIsolation();

  @SchemaFieldDescription("The memory of a sandbox, such as 256Mi.")
  public abstract @Nullable String getMemory();

  @SchemaFieldDescription("The processor time of a sandbox in cores, such as 0.5 or 500m.")
  public abstract @Nullable String getCpu();

  @SchemaFieldDescription("The space in /workspace, such as 1Gi.")
  public abstract @Nullable String getDisk();

  @SchemaFieldDescription("The most processes and threads of a sandbox.")
  public abstract @Nullable Integer getProcesses();

  @SchemaFieldDescription("What of the network a sandbox reaches: none (the default) or open.")
  public abstract @Nullable String getNetwork();

  @SchemaFieldDescription("More tags of the sandboxes: what else they can be listed and swept by.")
  public abstract @Nullable List<String> getTags();

  @SchemaFieldDescription(
      "When the service ends a sandbox by itself; a minute more than its command's time limit unless"
          + " set, or 30m when commands share it.")
  public abstract @Nullable String getMaxLifetime();

  @SchemaFieldDescription("What is kept of each stream of output, such as 64Ki; 1Mi unless set.")
  public abstract @Nullable String getMaxOutput();

  @SchemaFieldDescription(
      "How often a command is tried in all when the infrastructure fails; 3 unless set.")
  public abstract @Nullable Integer getMaxAttempts();

  @SchemaFieldDescription("After how many commands a shared sandbox is replaced; 200 unless set.")
  public abstract @Nullable Integer getMaxReuses();

  @SchemaFieldDescription("Whether rows are spread over the workers first; true unless set.")
  public abstract @Nullable Boolean getRedistribute();

  @SchemaFieldDescription(
      "Where rows go whose command could not be run: the name of an output. Without it, the first"
          + " one fails the pipeline.")
  public abstract @Nullable ErrorHandling getErrorHandling();

  static Builder builder() {
    return new AutoValue_SandboxExecConfiguration.Builder();
  }

  /**
   * The transform that this describes.
   *
   * @throws IllegalArgumentException with the field, its value and its rule
   */
  SandboxExec<Row, SandboxExec.RowResult> toTransform() {
    return new ConfiguredExec(this).transform();
  }

  @AutoValue.Builder
  abstract static class Builder {
    abstract Builder setCommand(@Nullable List<String> command);

    abstract Builder setId(@Nullable String id);

    abstract Builder setStdin(@Nullable String stdin);

    abstract Builder setEnv(@Nullable Map<String, String> env);

    abstract Builder setFiles(@Nullable Map<String, String> files);

    abstract Builder setOutputs(@Nullable Map<String, String> outputs);

    abstract Builder setInterpolate(@Nullable Boolean interpolate);

    abstract Builder setImage(@Nullable String image);

    abstract Builder setTimeout(@Nullable String timeout);

    abstract Builder setConcurrency(@Nullable Integer concurrency);

    abstract Builder setIsolation(@Nullable String isolation);

    abstract Builder setMemory(@Nullable String memory);

    abstract Builder setCpu(@Nullable String cpu);

    abstract Builder setDisk(@Nullable String disk);

    abstract Builder setProcesses(@Nullable Integer processes);

    abstract Builder setNetwork(@Nullable String network);

    abstract Builder setTags(@Nullable List<String> tags);

    abstract Builder setMaxLifetime(@Nullable String lifetime);

    abstract Builder setMaxOutput(@Nullable String size);

    abstract Builder setMaxAttempts(@Nullable Integer attempts);

    abstract Builder setMaxReuses(@Nullable Integer reuses);

    abstract Builder setRedistribute(@Nullable Boolean redistribute);

    abstract Builder setErrorHandling(@Nullable ErrorHandling handling);

    abstract SandboxExecConfiguration build();
  }
}
