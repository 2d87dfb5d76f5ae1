package io.sandbeam.service;

import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a sandbox is to be. Immutable, also after the sandbox exists.
 *
 * <p>A spec has at least one tag: there is no way to create a sandbox that no sweep can find. Every
 * sandbox has one writable scratch volume, {@link #SCRATCH_VOLUME}, mounted at {@link #WORKSPACE},
 * which is also the working directory of its commands unless the spec says otherwise.
 *
 * <pre>{@code
 * SandboxSpec spec = SandboxSpec.builder().tags("my-project", "batch-42").build();
 * }</pre>
 */
public final class SandboxSpec implements Serializable {
  private static final long serialVersionUID = 1;

  /** The name of the scratch volume, as snapshots name it. */
  public static final String SCRATCH_VOLUME = "workspace";

  /** Where the scratch volume is mounted. */
  public static final String WORKSPACE = "/workspace";

  /** The lifetime of a sandbox whose spec names none: 10 minutes. */
  public static final Duration DEFAULT_MAX_LIFETIME = Duration.ofMinutes(10);

  /** The longest lifetime: 30 days, the limit of the Sandbox v1 API. */
  public static final Duration LONGEST_LIFETIME = Duration.ofDays(30);

  private final String image;
  private final List<String> command;
  private final Map<String, String> env;
  private final String workingDir;
  private final Resources resources;
  private final Network network;
  private final Duration maxLifetime;
  private final Map<String, byte[]> files;
  private final LinkedHashSet<Tag> tags;
  private final Map<String, String> annotations;
  private final String restoreFrom;

  private SandboxSpec(Builder builder) {
    this.image = builder.image;
    this.command = List.copyOf(builder.command);
    this.env = Collections.unmodifiableMap(new TreeMap<>(builder.env));
    this.workingDir = builder.workingDir;
    this.resources = builder.resources;
    this.network = builder.network;
    this.maxLifetime = builder.maxLifetime;
    this.files = copyOf(builder.files);
    this.tags = new LinkedHashSet<>(builder.tags);
    this.annotations = Collections.unmodifiableMap(new TreeMap<>(builder.annotations));
    this.restoreFrom = builder.restoreFrom;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The image; empty means the service's default. */
  public Optional<String> image() {
    return Optional.ofNullable(image);
  }

  /** The main process; empty means a sandbox that stays until it is deleted. */
  public List<String> command() {
    return command;
  }

  /** Variables of the main process and of every command. Their values may be secret. */
  public Map<String, String> env() {
    return env;
  }

  /** Where commands start; {@link #WORKSPACE} by default. */
  public String workingDir() {
    return workingDir;
  }

  public Resources resources() {
    return resources;
  }

  public Network network() {
    return network;
  }

  /** After this time the service ends the sandbox by itself. */
  public Duration maxLifetime() {
    return maxLifetime;
  }

  /** Files that are there before the first command runs: absolute path to content. A copy. */
  public Map<String, byte[]> files() {
    return copyOf(files);
  }

  /** At least one, in the order given. */
  public Set<Tag> tags() {
    return Collections.unmodifiableSet(tags);
  }

  /** Those of {@link #tags} that name a job; in general one. */
  public List<Tag> jobs() {
    return tags.stream().filter(Tag::isJob).toList();
  }

  public Map<String, String> annotations() {
    return annotations;
  }

  /** The snapshot whose content the scratch volume starts with. */
  public Optional<String> restoreFrom() {
    return Optional.ofNullable(restoreFrom);
  }

  /** A builder that starts from this spec. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.image = image;
    builder.command = command;
    builder.env.putAll(env);
    builder.workingDir = workingDir;
    builder.resources = resources;
    builder.network = network;
    builder.maxLifetime = maxLifetime;
    builder.files.putAll(copyOf(files));
    builder.tags.addAll(tags);
    builder.annotations.putAll(annotations);
    builder.restoreFrom = restoreFrom;
    return builder;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SandboxSpec that
        && Objects.equals(image, that.image)
        && command.equals(that.command)
        && env.equals(that.env)
        && workingDir.equals(that.workingDir)
        && resources.equals(that.resources)
        && network == that.network
        && maxLifetime.equals(that.maxLifetime)
        && sameFiles(files, that.files)
        && tags.equals(that.tags)
        && annotations.equals(that.annotations)
        && Objects.equals(restoreFrom, that.restoreFrom);
  }

  @Override
  public int hashCode() {
    return Objects.hash(image, command, env, tags, maxLifetime, files.keySet());
  }

  /** For logs: names only, no value of a variable and no file content. */
  @Override
  public String toString() {
    return "SandboxSpec{image="
        + image
        + ", tags="
        + tags
        + ", env="
        + env.keySet()
        + ", files="
        + files.keySet()
        + ", network="
        + network
        + ", maxLifetime="
        + maxLifetime
        + "}";
  }

  private static boolean sameFiles(Map<String, byte[]> one, Map<String, byte[]> other) {
    return one.keySet().equals(other.keySet())
        && one.entrySet().stream()
            .allMatch(e -> Arrays.equals(e.getValue(), other.get(e.getKey())));
  }

  private static Map<String, byte[]> copyOf(Map<String, byte[]> files) {
    Map<String, byte[]> copy = new TreeMap<>();
    files.forEach((path, content) -> copy.put(path, content.clone()));
    return copy;
  }

  /** Builds a {@link SandboxSpec}. Not thread-safe. */
  public static final class Builder {
    private String image;
    private List<String> command = List.of();
    private final Map<String, String> env = new LinkedHashMap<>();
    private String workingDir = WORKSPACE;
    private Resources resources = Resources.DEFAULT;
    private Network network = Network.NONE;
    private Duration maxLifetime = DEFAULT_MAX_LIFETIME;
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final Set<Tag> tags = new LinkedHashSet<>();
    private final Map<String, String> annotations = new LinkedHashMap<>();
    private String restoreFrom;

    private Builder() {}

    public Builder image(String image) {
      this.image = Checks.notBlank("image", image);
      return this;
    }

    public Builder command(List<String> command) {
      this.command = Checks.argv("command", command);
      return this;
    }

    public Builder env(Map<String, String> env) {
      env.forEach(
          (name, value) ->
              this.env.put(Checks.envName("env", name), Checks.secret("env." + name, value)));
      return this;
    }

    public Builder workingDir(String path) {
      this.workingDir = Checks.absolutePath("workingDir", path);
      return this;
    }

    public Builder resources(Resources resources) {
      this.resources = Objects.requireNonNull(resources, "resources");
      return this;
    }

    public Builder network(Network network) {
      this.network = Objects.requireNonNull(network, "network");
      return this;
    }

    public Builder maxLifetime(Duration lifetime) {
      Checks.positive("maxLifetime", lifetime);
      if (lifetime.compareTo(LONGEST_LIFETIME) > 0) {
        throw new SandboxValidationException(
            "maxLifetime", "Invalid lifetime " + lifetime + ": the longest is 30 days");
      }
      this.maxLifetime = lifetime;
      return this;
    }

    /** Adds a file; the path is absolute and names the file itself. */
    public Builder file(String path, byte[] content) {
      files.put(Checks.absolutePath("files", path), content.clone());
      return this;
    }

    public Builder tags(Collection<Tag> tags) {
      this.tags.addAll(tags);
      return this;
    }

    public Builder tags(String... tags) {
      return tags(Tag.setOf(tags));
    }

    /** Puts these tags in the place of all given before. */
    public Builder replaceTags(Collection<Tag> others) {
      List<Tag> copy = List.copyOf(others);
      tags.clear();
      tags.addAll(copy);
      return this;
    }

    public Builder annotations(Map<String, String> annotations) {
      this.annotations.putAll(annotations);
      return this;
    }

    public Builder restoreFrom(String snapshotId) {
      this.restoreFrom = Checks.notBlank("restoreFrom", snapshotId);
      return this;
    }

    public SandboxSpec build() {
      if (tags.isEmpty()) {
        throw new SandboxValidationException(
            "tags", "A sandbox needs at least one tag: without one no sweep could find it");
      }
      return new SandboxSpec(this);
    }
  }
}
