package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This side of the warden: a small process beside the JVM that ends sandboxes at their lifetime
 * when the JVM itself cannot, because it is stopped, starved or wedged. The script {@code
 * warden.sh} says how. It looks once a second and gives the JVM two seconds to be first.
 */
final class Warden implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Warden.class);
  private static final Duration AFTER_US = Duration.ofSeconds(2);

  private final Path leases;
  private final Process process;
  private final double bootNanos;

  private Warden(Path leases, Process process, double bootNanos) {
    this.leases = leases;
    this.process = process;
    this.bootNanos = bootNanos;
  }

  static Warden start(OwnerDirectory owner) throws IOException {
    HostProcess self = HostProcess.current();
    ProcessBuilder builder =
        new ProcessBuilder(
            "/bin/sh",
            owner.warden().toString(),
            owner.leases().toString(),
            Long.toString(self.pid()),
            Long.toString(self.startTicks()));
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    builder.directory(Path.of("/").toFile());
    return new Warden(owner.leases(), builder.start(), uptime() * 1e9 - System.nanoTime());
  }

  /** One sandbox it watches. */
  record Lease(Path file) {
    void end() {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.warn("Lease {} cannot be removed; the process it names is gone", file, e);
      }
    }
  }

  /** Watches process 1 of a sandbox from now on. */
  Lease watch(HostProcess init, Duration remaining) throws IOException {
    double end = bootNanos + System.nanoTime() + remaining.plus(AFTER_US).toNanos();
    long second = (long) Math.ceil(end / TimeUnit.SECONDS.toNanos(1));
    Path file = leases.resolve(second + "." + init.pid() + "." + init.startTicks());
    return new Lease(Files.createFile(file));
  }

  private static double uptime() throws IOException {
    try (Scanner fields =
        new Scanner(Files.readString(Path.of("/proc/uptime"))).useLocale(Locale.ROOT)) {
      return fields.nextDouble();
    }
  }

  @Override
  public void close() {
    // Its sleep would outlive it by a second.
    List<ProcessHandle> sleeping = process.descendants().toList();
    process.destroyForcibly();
    sleeping.forEach(ProcessHandle::destroyForcibly);
  }
}
