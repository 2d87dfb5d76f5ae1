package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Scanner;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process of the host, whatever becomes of its number: the pid alone may be given to another
 * process, the pid with its start time may not.
 *
 * @param pid as the host numbers it
 * @param startTicks field 22 of {@code /proc/PID/stat}: clock ticks since boot
 */
record HostProcess(long pid, long startTicks) {
  private static final Logger LOG = LoggerFactory.getLogger(HostProcess.class);

  /** The process that has this pid now. */
  static Optional<HostProcess> of(long pid) {
    return stat(pid).map(fields -> new HostProcess(pid, Long.parseLong(fields[19])));
  }

  static HostProcess current() {
    long pid = ProcessHandle.current().pid();
    return of(pid)
        .orElseThrow(() -> new IllegalStateException("/proc/" + pid + "/stat is not readable"));
  }

  /** Whether it still runs; a zombie does not. */
  boolean isAlive() {
    return stat(pid)
        .filter(fields -> Long.parseLong(fields[19]) == startTicks)
        .filter(fields -> !fields[0].equals("Z") && !fields[0].equals("X"))
        .isPresent();
  }

  /** Sends KILL, if it is still this process. */
  void kill() {
    handle().ifPresent(ProcessHandle::destroyForcibly);
  }

  /** Sends TERM, if it is still this process. */
  void terminate() {
    handle().ifPresent(ProcessHandle::destroy);
  }

  /**
   * When the whole machine runs out of memory, the kernel shall choose this process or one that it
   * will start, and not the worker. Only root may ask so for the watchdog, which nobody may
   * inspect.
   */
  void preferInOutOfMemory() {
    try {
      Files.writeString(
          Path.of("/proc/" + pid + "/oom_score_adj"), "1000", StandardOpenOption.WRITE);
    } catch (IOException e) {
      LOG.debug("process {} is not preferred when memory runs out", pid, e);
    }
  }

  private Optional<ProcessHandle> handle() {
    // The handle remembers the start time itself; what it found is ours when ours still lives.
    return ProcessHandle.of(pid).filter(handle -> isAlive());
  }

  /** The direct children of a process. */
  static List<HostProcess> childrenOf(long pid) {
    List<HostProcess> children = new ArrayList<>();
    Path file = Path.of("/proc/" + pid + "/task/" + pid + "/children");
    try {
      try (Scanner pids = new Scanner(Files.readString(file))) {
        while (pids.hasNextLong()) {
          of(pids.nextLong()).ifPresent(children::add);
        }
      }
      return children;
    } catch (IOException e) {
      // The process is gone, or the kernel was built without this file: look at all processes.
      ProcessHandle.of(pid).stream()
          .flatMap(ProcessHandle::children)
          .forEach(child -> of(child.pid()).ifPresent(children::add));
      return children;
    }
  }

  /** The processes whose arguments are of this kind; slow, for leftovers only. */
  static List<HostProcess> withArguments(Predicate<List<String>> wanted) {
    List<HostProcess> found = new ArrayList<>();
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .filter(name -> wanted.test(arguments(name)))
          .forEach(name -> of(Long.parseLong(name)).ifPresent(found::add));
      return found;
    } catch (IOException e) {
      throw new IllegalStateException("/proc cannot be listed: " + e.getMessage(), e);
    }
  }

  /** None for a process that ended between two looks: then it is not left. */
  private static List<String> arguments(String pid) {
    try {
      byte[] words = Files.readAllBytes(Path.of("/proc", pid, "cmdline"));
      return List.of(new String(words, StandardCharsets.UTF_8).split("\0"));
    } catch (IOException e) {
      return List.of();
    }
  }

  /** The fields of stat after the name, which may itself hold blanks and parentheses. */
  private static Optional<String[]> stat(long pid) {
    try {
      String line =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      return Optional.of(line.substring(line.lastIndexOf(')') + 2).trim().split(" "));
    } catch (IOException | StringIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }
}
