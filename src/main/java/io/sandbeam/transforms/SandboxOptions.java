package io.sandbeam.transforms;

import com.google.auto.service.AutoService;
import io.sandbeam.service.ServiceConfig;
import java.util.List;
import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.DefaultValueFactory;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsRegistrar;
import org.apache.beam.vendor.guava.v32_1_2_jre.com.google.common.collect.ImmutableList;
import org.checkerframework.checker.nullness.qual.Nullable;

/** Options of every pipeline that runs commands in sandboxes. */
public interface SandboxOptions extends PipelineOptions {

  @Description(
      "Where sandboxes live: local (this machine), docker, docker:unix:///run/docker.sock, or https://… of a Sandbox v1 service.")
  @Default.String("local")
  String getService();

  void setService(String service);

  @Description(
      "The name that marks every sandbox of this run: 1 to 40 characters of a-z 0-9 -. By default the job's name and 8 random characters.")
  @Default.InstanceFactory(JobIdFactory.class)
  String getJobId();

  void setJobId(String jobId);

  @Description(
      "What an image's name means to the service, as name=image; repeatable. For the local service: python:3.11=host.")
  List<String> getImage();

  void setImage(List<String> aliases);

  @Description("A setting of the service itself, as name=value; repeatable.")
  List<String> getServiceSetting();

  void setServiceSetting(List<String> settings);

  @Description(
      "How many commands one worker runs at a time, in steps that do not say it themselves; 0 means twice its processors.")
  @Default.Integer(0)
  int getConcurrency();

  void setConcurrency(int concurrency);

  @Description(
      "How many fresh sandboxes one worker makes ahead for each step with isolation element, so that commands do not wait for their start.")
  @Default.Integer(0)
  int getWarm();

  void setWarm(int warm);

  @Description(
      "How many sandboxes one worker has alive at once on a Sandbox v1 service (--service=https://…) or in a Docker Engine, so that its quota is not met. By default as many as the concurrency needs.")
  @Nullable Integer getMaxSandboxes();

  void setMaxSandboxes(@Nullable Integer maxSandboxes);

  @Description(
      "The OCI runtime that containers run in, of those that the Docker Engine has, such as runsc or kata. By default the engine's own default.")
  @Nullable String getDockerRuntime();

  void setDockerRuntime(@Nullable String dockerRuntime);

  @Description(
      "How many sandboxes one worker creates per second on a Sandbox v1 service (--service=https://…), such as 5 or 0.5. By default no limit.")
  @Nullable Double getCreateRate();

  void setCreateRate(@Nullable Double createRate);

  @Description(
      "Start the job and return, where it goes on without its launcher: on a Flink cluster or Dataflow. Nothing is swept then; the command that does it when the job is over is printed.")
  @Default.Boolean(false)
  boolean isDetached();

  void setDetached(boolean detached);

  @Description(
      "A file of the launcher's machine for the report of the sweep after the run, as JSON: what was found, what was deleted, and the proof that nothing is left.")
  @Nullable String getSweepReport();

  void setSweepReport(@Nullable String file);

  /** Mints the job id; whoever reads the option first fixes it. */
  final class JobIdFactory implements DefaultValueFactory<String> {
    @Override
    public String create(PipelineOptions options) {
      return JobId.mint(options.getJobName());
    }
  }

  /** Makes the options known to {@code PipelineOptionsFactory}. */
  @AutoService(PipelineOptionsRegistrar.class)
  final class Registrar implements PipelineOptionsRegistrar {
    @Override
    public Iterable<Class<? extends PipelineOptions>> getPipelineOptions() {
      return ImmutableList.of(SandboxOptions.class);
    }
  }

  /**
   * The service that some options name.
   *
   * @throws IllegalArgumentException when an alias or a setting is not {@code name=value}, or the
   *     service has no quota to keep to
   */
  static ServiceConfig serviceConfig(PipelineOptions pipelineOptions) {
    SandboxOptions options = pipelineOptions.as(SandboxOptions.class);
    ServiceConfig config = ServiceConfig.of(options.getService());
    for (String alias : orEmpty(options.getImage())) {
      // An image's name may hold a port or digest, never '='.
      int equals = separator("image", alias, "python:3.11=host");
      config = config.withImage(alias.substring(0, equals), alias.substring(equals + 1));
    }
    for (String setting : orEmpty(options.getServiceSetting())) {
      int equals = separator("serviceSetting", setting, "name=value");
      config = config.withSetting(setting.substring(0, equals), setting.substring(equals + 1));
    }
    config = withQuota(config, "maxSandboxes", options.getMaxSandboxes());
    config = withQuota(config, "createRate", options.getCreateRate());
    return withDockerRuntime(config, options.getDockerRuntime());
  }

  private static ServiceConfig withDockerRuntime(ServiceConfig config, @Nullable String runtime) {
    if (runtime == null) {
      return config;
    }
    if (!config.scheme().equals("docker")) {
      throw new IllegalArgumentException(
          "Invalid --dockerRuntime="
              + runtime
              + ": the service '"
              + config.address()
              + "' has no containers; this is for --service=docker");
    }
    return config.withSetting("runtime", runtime);
  }

  private static ServiceConfig withQuota(
      ServiceConfig config, String name, @Nullable Number value) {
    if (value == null) {
      return config;
    }
    boolean docker = config.scheme().equals("docker") && name.equals("maxSandboxes");
    if (!docker && !config.scheme().matches("https?")) {
      throw new IllegalArgumentException(
          "Invalid --"
              + name
              + "="
              + value
              + ": the service '"
              + config.address()
              + "' has no quotas; this is for --service=https://…, and --concurrency=N bounds any"
              + " service");
    }
    return config.withSetting(name, value.toString());
  }

  /**
   * Whether the launcher leaves the job to itself once it has started.
   *
   * @throws IllegalArgumentException when the job cannot go on without its launcher
   */
  static boolean detached(PipelineOptions options) {
    if (FlinkRunnerOptions.isDetached(options)) {
      return true;
    }
    boolean detached = options.as(SandboxOptions.class).isDetached();
    if (detached && JobPlace.of(options) == JobPlace.THIS_JVM) {
      throw new IllegalArgumentException(
          "Invalid --detached=true: with --runner="
              + options.getRunner().getSimpleName()
              + " the job runs in the launcher's own process and would end with it. Leave it out,"
              + " or run on a cluster, such as --runner=FlinkRunner --flinkMaster=HOST:PORT");
    }
    return detached;
  }

  /**
   * How many sandboxes are made ahead.
   *
   * @throws IllegalArgumentException when it is no number of sandboxes
   */
  static int warm(PipelineOptions options) {
    int warm = options.as(SandboxOptions.class).getWarm();
    if (warm < 0 || warm > 1000) {
      throw new IllegalArgumentException(
          "Invalid --warm=" + warm + ": it is 0 to 1000 sandboxes for each worker and step");
    }
    return warm;
  }

  /**
   * The id of the job that some options start, fixed from now on.
   *
   * @throws IllegalArgumentException when it is not a valid id
   */
  static String jobId(PipelineOptions options) {
    return JobId.require(options.as(SandboxOptions.class).getJobId());
  }

  private static List<String> orEmpty(List<String> values) {
    return values == null ? List.of() : values;
  }

  private static int separator(String option, String value, String example) {
    int equals = value.indexOf('=');
    if (equals <= 0 || equals == value.length() - 1) {
      throw new IllegalArgumentException(
          "Invalid --" + option + "=" + value + ": write it as --" + option + "=" + example);
    }
    return equals;
  }
}
