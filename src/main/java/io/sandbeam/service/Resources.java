package io.sandbeam.service;

import java.io.Serializable;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a sandbox may use at most. A limit that is not set is the service's default.
 *
 * <p>{@code cpuMillis}: thousandths of one core. {@code memory}: of all processes together, where
 * the service can count so. {@code disk}: of {@code /workspace}. {@code processes}: processes and
 * threads together. 0, or {@link ByteSize} 0, means not set.
 */
public record Resources(int cpuMillis, ByteSize memoryLimit, ByteSize diskLimit, int processLimit)
    implements Serializable {

  private static final ByteSize UNSET = ByteSize.ofBytes(0);

  /** Nothing set. */
  public static final Resources DEFAULT = new Resources(0, UNSET, UNSET, 0);

  public Resources {
    if (cpuMillis < 0 || processLimit < 0) {
      throw new SandboxValidationException(
          "resources",
          "Invalid limits: cpu "
              + cpuMillis
              + "m, processes "
              + processLimit
              + "; none may be negative");
    }
  }

  /** Thousandths of a core, if limited. */
  public OptionalInt cpu() {
    return cpuMillis == 0 ? OptionalInt.empty() : OptionalInt.of(cpuMillis);
  }

  /** Memory, if limited. */
  public Optional<ByteSize> memory() {
    return memoryLimit.bytes() == 0 ? Optional.empty() : Optional.of(memoryLimit);
  }

  /** Space in {@code /workspace}, if limited. */
  public Optional<ByteSize> disk() {
    return diskLimit.bytes() == 0 ? Optional.empty() : Optional.of(diskLimit);
  }

  /** Processes and threads, if limited. */
  public OptionalInt processes() {
    return processLimit == 0 ? OptionalInt.empty() : OptionalInt.of(processLimit);
  }

  public Resources withCpuMillis(int millis) {
    return new Resources(millis, memoryLimit, diskLimit, processLimit);
  }

  public Resources withMemory(ByteSize memory) {
    return new Resources(cpuMillis, memory, diskLimit, processLimit);
  }

  public Resources withDisk(ByteSize disk) {
    return new Resources(cpuMillis, memoryLimit, disk, processLimit);
  }

  public Resources withProcesses(int processes) {
    return new Resources(cpuMillis, memoryLimit, diskLimit, processes);
  }
}
