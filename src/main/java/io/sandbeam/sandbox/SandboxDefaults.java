package io.sandbeam.sandbox;

import io.sandbeam.service.Network;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the sandboxes of a session have in common. Immutable; every field may be left open, and is
 * then the service's default.
 *
 * <pre>{@code
 * SandboxDefaults.builder().image("python:3.11").tags("my-project").build()
 * }</pre>
 */
public final class SandboxDefaults implements Serializable {
  private static final long serialVersionUID = 1;

  /** How long a sandbox may take to become usable: 5 minutes, as in the Sandbox v1 SDKs. */
  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofMinutes(5);

  private static final SandboxDefaults NONE = builder().build();

  private final String image;
  private final List<String> command;
  private final LinkedHashSet<Tag> tags;
  private final TreeMap<String, String> env;
  private final Resources resources;
  private final Network network;
  private final Duration maxLifetime;
  private final String workingDir;
  private final TreeMap<String, byte[]> files;
  private final TreeMap<String, String> annotations;
  private final String restoreFrom;
  private final Duration startTimeout;
  private final Duration stopGrace;

  private SandboxDefaults(Builder builder) {
    this.image = builder.image;
    this.command = builder.command;
    this.tags = new LinkedHashSet<>(builder.tags);
    this.env = new TreeMap<>(builder.env);
    this.resources = builder.resources;
    this.network = builder.network;
    this.maxLifetime = builder.maxLifetime;
    this.workingDir = builder.workingDir;
    this.files = new TreeMap<>(builder.files);
    this.annotations = new TreeMap<>(builder.annotations);
    this.restoreFrom = builder.restoreFrom;
    this.startTimeout = builder.startTimeout;
    this.stopGrace = builder.stopGrace;
  }

  /** Everything open. */
  public static SandboxDefaults none() {
    return NONE;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from these. */
  public Builder toBuilder() {
    return new Builder().with(this);
  }

  /** In the order given, without {@link Tag#PRODUCT} unless that was given. */
  public Set<Tag> tags() {
    return Collections.unmodifiableSet(tags);
  }

  /** How long a sandbox may take from its create to its being usable. */
  public Duration startTimeout() {
    return Optional.ofNullable(startTimeout).orElse(DEFAULT_START_TIMEOUT);
  }

  /** How its stops are done, where the caller does not say. */
  public StopOptions stopOptions() {
    return stopGrace == null ? StopOptions.DEFAULT : StopOptions.DEFAULT.withGrace(stopGrace);
  }

  /**
   * These, with what {@code overrides} says. Tags: these first, then the others, each once.
   * Variables, annotations and files: merged by name or path, the override wins. Everything else:
   * the override replaces the whole value when it is set.
   */
  public SandboxDefaults mergedWith(SandboxDefaults overrides) {
    return toBuilder().with(overrides).build();
  }

  /**
   * What a sandbox is created from: {@link Tag#PRODUCT} first, then these tags.
   *
   * @throws SandboxValidationException when a value breaks a rule of the contract
   */
  public SandboxSpec toSpec() {
    SandboxSpec.Builder spec =
        SandboxSpec.builder()
            .tags(Set.of(Tag.PRODUCT))
            .tags(tags)
            .env(env)
            .annotations(annotations);
    files.forEach(spec::file);
    Optional.ofNullable(image).ifPresent(spec::image);
    Optional.ofNullable(command).ifPresent(spec::command);
    Optional.ofNullable(resources).ifPresent(spec::resources);
    Optional.ofNullable(network).ifPresent(spec::network);
    Optional.ofNullable(maxLifetime).ifPresent(spec::maxLifetime);
    Optional.ofNullable(workingDir).ifPresent(spec::workingDir);
    Optional.ofNullable(restoreFrom).ifPresent(spec::restoreFrom);
    return spec.build();
  }

  /** For logs: no value of a variable and no file content. */
  @Override
  public String toString() {
    return "SandboxDefaults{" + toSpec() + "}";
  }

  /** Builds {@link SandboxDefaults}. Bad values are refused here, where they are written. */
  public static final class Builder {
    private String image;
    private List<String> command;
    private final Set<Tag> tags = new LinkedHashSet<>();
    private final Map<String, String> env = new TreeMap<>();
    private Resources resources;
    private Network network;
    private Duration maxLifetime;
    private String workingDir;
    private final Map<String, byte[]> files = new TreeMap<>();
    private final Map<String, String> annotations = new TreeMap<>();
    private String restoreFrom;
    private Duration startTimeout;
    private Duration stopGrace;

    private Builder() {}

    /** What the service knows by this name; see its documentation. */
    public Builder image(String name) {
      this.image = name;
      return this;
    }

    /** The main process. None means a sandbox that stays until it is stopped. */
    public Builder command(String... argv) {
      this.command = List.copyOf(Arrays.asList(argv));
      return this;
    }

    /** Adds tags: what this sandbox can be found and swept by. */
    public Builder tags(String... more) {
      return tags(Tag.setOf(more));
    }

    /** Adds tags. */
    public Builder tags(Collection<Tag> more) {
      tags.addAll(more);
      return this;
    }

    /** Adds variables of the main process and of every command. */
    public Builder env(Map<String, String> variables) {
      env.putAll(variables);
      return this;
    }

    public Builder resources(Resources limits) {
      this.resources = limits;
      return this;
    }

    public Builder network(Network reach) {
      this.network = reach;
      return this;
    }

    /** The lease: the service ends the sandbox after this time, whatever happens to us. */
    public Builder maxLifetime(Duration lifetime) {
      this.maxLifetime = lifetime;
      return this;
    }

    public Builder workingDir(String path) {
      this.workingDir = path;
      return this;
    }

    /** Adds a file that is there before the first command runs. */
    public Builder file(String path, byte[] content) {
      files.put(path, content.clone());
      return this;
    }

    public Builder annotations(Map<String, String> more) {
      annotations.putAll(more);
      return this;
    }

    /** The snapshot whose content {@code /workspace} starts with. */
    public Builder restoreFrom(String snapshotId) {
      this.restoreFrom = snapshotId;
      return this;
    }

    /** See {@link SandboxDefaults#startTimeout()}. */
    public Builder startTimeout(Duration limit) {
      if (limit.isNegative() || limit.isZero()) {
        throw new SandboxValidationException(
            "startTimeout", "Invalid startTimeout " + limit + ": it must be above zero");
      }
      this.startTimeout = limit;
      return this;
    }

    /** Between TERM and KILL of a stop that does not say; 10 seconds unless set. */
    public Builder stopGrace(Duration grace) {
      this.stopGrace = StopOptions.DEFAULT.withGrace(grace).grace();
      return this;
    }

    /**
     * Checks the values and makes the defaults.
     *
     * @throws SandboxValidationException when a value breaks a rule of the contract
     */
    public SandboxDefaults build() {
      SandboxDefaults defaults = new SandboxDefaults(this);
      defaults.toSpec();
      return defaults;
    }

    private Builder with(SandboxDefaults other) {
      image = other.image == null ? image : other.image;
      command = other.command == null ? command : other.command;
      tags.addAll(other.tags);
      env.putAll(other.env);
      resources = other.resources == null ? resources : other.resources;
      network = other.network == null ? network : other.network;
      maxLifetime = other.maxLifetime == null ? maxLifetime : other.maxLifetime;
      workingDir = other.workingDir == null ? workingDir : other.workingDir;
      files.putAll(other.files);
      annotations.putAll(other.annotations);
      restoreFrom = other.restoreFrom == null ? restoreFrom : other.restoreFrom;
      startTimeout = other.startTimeout == null ? startTimeout : other.startTimeout;
      stopGrace = other.stopGrace == null ? stopGrace : other.stopGrace;
      return this;
    }
  }
}
