package io.sandbeam.service.docker;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How the service is set up. The settings by name:
 *
 * <ul>
 *   <li>{@code image}: for specs that name none ({@code python:3.11})
 *   <li>{@code pull}: {@code missing}, {@code always} or {@code never}
 *   <li>{@code runtime}: the engine's OCI runtime, such as {@code runsc} or {@code kata}; its
 *       default
 *   <li>{@code user}: whom commands run as, {@code uid:gid} ({@code 1000:1000}), or {@code image}
 *   <li>{@code network}: the engine's network for specs that ask for an open one ({@code bridge})
 *   <li>{@code localhost}: {@code auto}, {@code always} or {@code never}, see {@link Localhost}
 *   <li>{@code memory}, {@code processes}, {@code cpu}: of specs without such a limit (2Gi, 1024,
 *       no limit); {@code memory=none} is no limit
 *   <li>{@code workspaceSize}, {@code tmpSize}: of {@code /workspace} for specs without a disk
 *       limit (1Gi), and of {@code /tmp} (256Mi)
 *   <li>{@code maxSandboxes}: of this client alive at once (1000)
 *   <li>{@code starts}: containers that are started at a time (4)
 *   <li>{@code terminatedRetention}, {@code terminatedCount}: how long, and how many, ended
 *       sandboxes of this client are remembered (10m, 1000)
 *   <li>{@code snapshotSize}: the largest archive (10Gi)
 * </ul>
 *
 * @param host the engine's address; empty means what the environment says
 */
record DockerSettings(
    Optional<URI> host,
    Map<String, String> environment,
    Map<String, String> images,
    String image,
    Pull pull,
    Optional<String> runtime,
    Optional<String> user,
    String network,
    Localhost localhost,
    Optional<ByteSize> memory,
    int processes,
    int cpuMillis,
    ByteSize workspaceSize,
    ByteSize tmpSize,
    int maxSandboxes,
    int starts,
    Duration terminatedRetention,
    int terminatedCount,
    ByteSize snapshotSize) {

  /** When an image is pulled: once in the life of a service, or not at all. */
  enum Pull {
    MISSING,
    ALWAYS,
    NEVER
  }

  /**
   * How a sandbox without network knows the name {@code localhost}; the address {@code 127.0.0.1}
   * works in any case.
   */
  enum Localhost {
    /**
     * The OCI runtime makes the network namespace, and {@code /etc/hosts} is a file of ours, see
     * {@link HostsFile}. Where the engine cannot have that: as always.
     */
    AUTO,
    /**
     * The engine makes the network namespace and writes {@code /etc/hosts}, which takes as long as
     * all else of a container's start.
     */
    ALWAYS,
    /** The OCI runtime makes the network namespace, and {@code /etc/hosts} is empty. */
    NEVER
  }

  static final List<String> NAMES =
      List.of(
          "image",
          "pull",
          "runtime",
          "user",
          "network",
          "localhost",
          "memory",
          "processes",
          "cpu",
          "workspaceSize",
          "tmpSize",
          "maxSandboxes",
          "starts",
          "terminatedRetention",
          "terminatedCount",
          "snapshotSize");

  static DockerSettings of(ServiceConfig config, Map<String, String> environment) {
    SettingReader given = new SettingReader(config.settings(), new TreeSet<>(NAMES));
    String user = given.text("user", "1000:1000");
    if (!user.equals("image") && !user.matches("\\d{1,9}:\\d{1,9}")) {
      throw SettingReader.invalid("user", user, "write uid:gid, such as 1000:1000, or image");
    }
    String memory = given.text("memory", "2Gi");
    return new DockerSettings(
        host(config.address()),
        Map.copyOf(environment),
        config.images(),
        given.text("image", "python:3.11"),
        given.choice("pull", Pull.MISSING),
        given.text("runtime"),
        user.equals("image") ? Optional.empty() : Optional.of(user),
        given.text("network", "bridge"),
        given.choice("localhost", Localhost.AUTO),
        memory.equals("none") ? Optional.empty() : Optional.of(ByteSize.parse(memory)),
        given.number("processes", 1024),
        given.text("cpu").map(DockerSettings::cpu).orElse(0),
        given.size("workspaceSize", ByteSize.ofGibibytes(1)),
        given.size("tmpSize", ByteSize.ofMebibytes(256)),
        given.number("maxSandboxes", 1000),
        given.number("starts", 4),
        given.duration("terminatedRetention", Duration.ofMinutes(10)),
        given.number("terminatedCount", 1000),
        given.size("snapshotSize", ByteSize.ofGibibytes(10)));
  }

  private static int cpu(String text) {
    try {
      double cores =
          text.endsWith("m")
              ? Integer.parseInt(text.substring(0, text.length() - 1)) / 1000.0
              : Double.parseDouble(text);
      if (cores >= 0.001 && cores <= 10_000) {
        return (int) Math.round(cores * 1000);
      }
    } catch (NumberFormatException e) {
      throw SettingReader.invalid("cpu", text, "write cores, such as 0.5 or 500m");
    }
    throw SettingReader.invalid("cpu", text, "write cores, such as 0.5 or 500m");
  }

  private static Optional<URI> host(String address) {
    if (address.equals(DockerServiceProvider.SCHEME)) {
      return Optional.empty();
    }
    String text = address.substring(DockerServiceProvider.SCHEME.length() + 1);
    try {
      URI uri = URI.create(text);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      boolean unix = scheme.equals("unix") && uri.getPath() != null && uri.getPath().length() > 1;
      boolean tcp = scheme.equals("tcp") && uri.getHost() != null && uri.getPort() > 0;
      if (unix || tcp) {
        return Optional.of(uri);
      }
    } catch (IllegalArgumentException e) {
      throw address(address, e);
    }
    throw address(address, null);
  }

  private static SandboxValidationException address(String address, Throwable cause) {
    SandboxValidationException e =
        new SandboxValidationException(
            "service",
            "Invalid service '"
                + address
                + "': write docker, docker:unix:///run/docker.sock or docker:tcp://HOST:2376");
    if (cause != null) {
      e.initCause(cause);
    }
    return e;
  }
}
