package io.sandbeam.service;

import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A command to run in a sandbox. Immutable.
 *
 * <p>The command is an argument vector: no shell reads it. Its standard input is empty unless
 * given.
 *
 * <pre>{@code
 * ExecRequest.builder("python3", "-c", code).timeout(Duration.ofSeconds(10)).build()
 * }</pre>
 */
public final class ExecRequest implements Serializable {
  private static final long serialVersionUID = 1;

  /** The time limit of a command that names none: 5 minutes, as in the Sandbox v1 SDKs. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(5);

  /** What is kept of each output stream unless the request says otherwise: 1 MiB. */
  public static final int DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;

  private final List<String> command;
  private final byte[] stdin;
  private final Map<String, String> env;
  private final String cwd;
  private final Duration timeout;
  private final int maxOutputBytes;
  private final OnFailure onFailure;

  private ExecRequest(Builder builder) {
    this.command = builder.command;
    this.stdin = builder.stdin;
    this.env = Collections.unmodifiableMap(new TreeMap<>(builder.env));
    this.cwd = builder.cwd;
    this.timeout = builder.timeout;
    this.maxOutputBytes = builder.maxOutputBytes;
    this.onFailure = builder.onFailure;
  }

  public static ExecRequest of(String... command) {
    return builder(command).build();
  }

  public static Builder builder(String... command) {
    return builder(Arrays.asList(command));
  }

  public static Builder builder(List<String> command) {
    return new Builder(command);
  }

  public List<String> command() {
    return command;
  }

  /** What the command reads; a copy. */
  public byte[] stdin() {
    return stdin.clone();
  }

  /** How many bytes the command reads. */
  public int stdinBytes() {
    return stdin.length;
  }

  /** Variables added to those of the sandbox; these win. Their values may be secret. */
  public Map<String, String> env() {
    return env;
  }

  /** Where the command starts; empty means the sandbox's working directory. */
  public Optional<String> cwd() {
    return Optional.ofNullable(cwd);
  }

  /** When it is over, the command and everything it started are killed. */
  public Duration timeout() {
    return timeout;
  }

  /** The most bytes kept of standard output, and as many of standard error. */
  public int maxOutputBytes() {
    return maxOutputBytes;
  }

  /** Whether the SDK throws when the command does not succeed; services ignore it. */
  public OnFailure onFailure() {
    return onFailure;
  }

  /** For logs: the program's name only; arguments, input and variables may be secret. */
  @Override
  public String toString() {
    return "ExecRequest{"
        + command.get(0)
        + ", "
        + command.size()
        + " words, timeout="
        + timeout
        + "}";
  }

  /** Builds an {@link ExecRequest}. Not thread-safe. */
  public static final class Builder {
    private final List<String> command;
    private byte[] stdin = new byte[0];
    private final Map<String, String> env = new TreeMap<>();
    private String cwd;
    private Duration timeout = DEFAULT_TIMEOUT;
    private int maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES;
    private OnFailure onFailure = OnFailure.RETURN;

    private Builder(List<String> command) {
      if (command.isEmpty()) {
        throw new SandboxValidationException("command", "Invalid command: it is empty");
      }
      this.command = Checks.argv("command", command);
    }

    public Builder stdin(byte[] input) {
      this.stdin = input.clone();
      return this;
    }

    public Builder env(Map<String, String> variables) {
      variables.forEach(
          (name, value) ->
              env.put(Checks.envName("env", name), Checks.secret("env." + name, value)));
      return this;
    }

    public Builder env(String name, String value) {
      return env(Map.of(name, value));
    }

    public Builder cwd(String path) {
      this.cwd = Checks.absolutePath("cwd", path);
      return this;
    }

    public Builder timeout(Duration limit) {
      this.timeout = Checks.positive("timeout", limit);
      return this;
    }

    public Builder maxOutputBytes(int bytes) {
      this.maxOutputBytes = Checks.atLeast("maxOutputBytes", 0, bytes);
      return this;
    }

    /** With {@link OnFailure#THROW}, anything but exit code 0 is thrown with the whole result. */
    public Builder check(OnFailure whatToDo) {
      this.onFailure = Objects.requireNonNull(whatToDo, "check");
      return this;
    }

    public ExecRequest build() {
      return new ExecRequest(this);
    }
  }
}
