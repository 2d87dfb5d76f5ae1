package io.sandbeam.transforms;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Network;
import io.sandbeam.service.SandboxValidationException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.apache.beam.sdk.values.Row;
import org.checkerframework.checker.nullness.qual.Nullable;

/** A {@link SandboxExec} from texts: each value is read, and refused with its field's name. */
final class ConfiguredExec {
  private final SandboxExecConfiguration config;
  private SandboxExec<Row, SandboxExec.RowResult> exec;

  ConfiguredExec(SandboxExecConfiguration config) {
    this.config = config;
    this.exec =
        config.getCommand() == null ? SandboxExec.rows() : SandboxExec.of(config.getCommand());
  }

  SandboxExec<Row, SandboxExec.RowResult> transform() {
    set("id", config.getId(), SandboxExec::withId);
    set("stdin", config.getStdin(), SandboxExec::withStdin);
    entries("env", config.getEnv(), SandboxExec::withEnv);
    entries("files", config.getFiles(), SandboxExec::withFile);
    entries("outputs", config.getOutputs(), SandboxExec::withOutput);
    set(
        "interpolate",
        config.getInterpolate(),
        (e, yes) -> e.withInterpolate(yes ? Interpolate.YES : Interpolate.NO));
    set("image", config.getImage(), SandboxExec::withImage);
    set(
        "timeout",
        config.getTimeout(),
        (e, text) -> e.withTimeout(Durations.parse("timeout", text)));
    set("concurrency", config.getConcurrency(), SandboxExec::withConcurrency);
    set(
        "isolation",
        config.getIsolation(),
        (e, name) -> e.withIsolation(oneOf("isolation", name, Isolation.values())));
    set("memory", config.getMemory(), (e, text) -> e.withMemory(ByteSize.parse(text)));
    set("cpu", config.getCpu(), (e, text) -> e.withCpuMillis(Cpu.parseMillis(text)));
    set("disk", config.getDisk(), (e, text) -> e.withDisk(ByteSize.parse(text)));
    set("processes", config.getProcesses(), SandboxExec::withProcesses);
    set(
        "network",
        config.getNetwork(),
        (e, name) -> e.withNetwork(oneOf("network", name, Network.values())));
    set("tags", config.getTags(), (e, tags) -> e.withTags(tags.toArray(String[]::new)));
    set(
        "max_lifetime",
        config.getMaxLifetime(),
        (e, text) -> e.withMaxLifetime(Durations.parse("max_lifetime", text)));
    set("max_output", config.getMaxOutput(), (e, text) -> e.withMaxOutputBytes(bytes(text)));
    set("max_attempts", config.getMaxAttempts(), SandboxExec::withMaxAttempts);
    set("max_reuses", config.getMaxReuses(), SandboxExec::withMaxReuses);
    set(
        "redistribute",
        config.getRedistribute(),
        (e, yes) -> e.withRedistribution(yes ? Redistribution.ARBITRARILY : Redistribution.NONE));
    return exec;
  }

  private <T> void set(
      String field,
      @Nullable T value,
      BiFunction<
              SandboxExec<Row, SandboxExec.RowResult>, T, SandboxExec<Row, SandboxExec.RowResult>>
          with) {
    if (value == null) {
      return;
    }
    try {
      exec = with.apply(exec, value);
    } catch (IllegalArgumentException | SandboxValidationException e) {
      throw new IllegalArgumentException(
          "SandboxExec, field '" + field + "': " + e.getMessage(), e);
    }
  }

  /** One more entry of a map. */
  private interface Entry {
    SandboxExec<Row, SandboxExec.RowResult> add(
        SandboxExec<Row, SandboxExec.RowResult> exec, String name, String value);
  }

  private void entries(String field, @Nullable Map<String, String> map, Entry with) {
    set(
        field,
        map,
        (start, all) -> {
          SandboxExec<Row, SandboxExec.RowResult> more = start;
          for (Map.Entry<String, String> entry : all.entrySet()) {
            more = with.add(more, entry.getKey(), entry.getValue());
          }
          return more;
        });
  }

  private static int bytes(String text) {
    long bytes = ByteSize.parse(text).bytes();
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }

  private static <E extends Enum<E>> E oneOf(String field, String name, E[] values) {
    List<String> names =
        Arrays.stream(values)
            .map(value -> value.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.toList());
    int found = names.indexOf(name.toLowerCase(Locale.ROOT));
    if (found < 0) {
      throw new IllegalArgumentException(
          "Invalid "
              + field
              + " '"
              + name
              + "': it is one of "
              + String.join(", ", names)
              + NearestName.of(name, names).map(near -> "; did you mean " + near + "?").orElse(""));
    }
    return values[found];
  }
}
