package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The rules of the kernel's version 2 hierarchy, for machines that have none to test on: a group
 * has the controllers that its parent hands down, one with processes in it hands none down (but for
 * the root), and only an empty one can be removed.
 */
final class FakeCgroupV2 implements CgroupTree {
  static final Path MOUNT = Path.of("/sys/fs/cgroup");
  static final Path SELF = Path.of("/proc/self/cgroup");
  static final String OWN_PID = "4711";

  private static final Map<String, List<String>> FILES =
      Map.of(
          "memory",
          List.of("memory.max", "memory.swap.max", "memory.events"),
          "pids",
          List.of("pids.max"),
          "cpu",
          List.of("cpu.max"));

  private static final class Group {
    final Set<String> handedDown = new TreeSet<>();
    final Set<String> processes = new TreeSet<>();
    final Map<String, String> values = new TreeMap<>();
    boolean writable = true;
  }

  private final Map<Path, Group> groups = new TreeMap<>();
  private final Set<String> rootControllers = Set.of("cpu", "io", "memory", "pids");

  /** Processes that nobody may move. */
  final Set<String> rooted = new TreeSet<>();

  /** Born in the process's group when the first one is moved out of it. */
  final List<String> newborn = new ArrayList<>();

  FakeCgroupV2() {
    groups.put(MOUNT, new Group());
  }

  /** A group with everything above it, all controllers handed down to it, and our process in it. */
  Path stand(String path) throws IOException {
    Path at = MOUNT;
    for (Path part : Path.of(path)) {
      groups.get(at).handedDown.addAll(rootControllers);
      at = at.resolve(part);
      if (!groups.containsKey(at)) {
        make(at);
      }
    }
    groups.get(at).processes.add(OWN_PID);
    return at;
  }

  void put(Path group, String pid) {
    groups.get(group).processes.add(pid);
  }

  void end(Path group) {
    groups.get(group).processes.clear();
  }

  void deny(Path group) {
    groups.get(group).writable = false;
  }

  /** The parent does not have it to hand down. */
  void withhold(Path group, String controller) {
    groups.get(group.getParent()).handedDown.remove(controller);
  }

  void set(Path file, String value) {
    groups.get(file.getParent()).values.put(file.getFileName().toString(), value);
  }

  String value(Path file) throws IOException {
    return String.join("\n", read(file));
  }

  Set<Path> all() {
    return groups.keySet();
  }

  @Override
  public boolean exists(Path file) {
    try {
      return groups.containsKey(file) || read(file) != null;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public boolean isWritable(Path file) {
    Group group = groups.get(file.getParent());
    return group != null && group.writable;
  }

  @Override
  public List<String> read(Path file) throws IOException {
    if (file.equals(SELF)) {
      return groups.entrySet().stream()
          .filter(entry -> entry.getValue().processes.contains(OWN_PID))
          .map(entry -> "0::/" + MOUNT.relativize(entry.getKey()))
          .toList();
    }
    Group group = find(file.getParent());
    return switch (file.getFileName().toString()) {
      case "cgroup.controllers" -> List.of(String.join(" ", controllers(file.getParent())));
      case "cgroup.subtree_control" -> List.of(String.join(" ", group.handedDown));
      case "cgroup.procs" -> List.copyOf(group.processes);
      default -> {
        String value = group.values.get(file.getFileName().toString());
        if (value == null) {
          throw new NoSuchFileException(file.toString());
        }
        yield value.lines().toList();
      }
    };
  }

  @Override
  public void write(Path file, String value) throws IOException {
    Path directory = file.getParent();
    Group group = find(directory);
    if (!group.writable) {
      throw new AccessDeniedException(file.toString());
    }
    switch (file.getFileName().toString()) {
      case "cgroup.subtree_control" -> {
        String controller = value.substring(1);
        if (!controllers(directory).contains(controller)) {
          throw new NoSuchFileException(file.toString());
        }
        if (!group.processes.isEmpty() && !directory.equals(MOUNT)) {
          throw new FileSystemException(file.toString(), null, "Device or resource busy");
        }
        group.handedDown.add(controller);
        below(directory).forEach(this::makeFiles);
      }
      case "cgroup.procs" -> move(value, file, group);
      default -> {
        if (!group.values.containsKey(file.getFileName().toString())) {
          throw new NoSuchFileException(file.toString());
        }
        group.values.put(file.getFileName().toString(), value);
      }
    }
  }

  private void move(String pid, Path file, Group to) throws IOException {
    if (!to.handedDown.isEmpty()) {
      throw new FileSystemException(file.toString(), null, "Device or resource busy");
    }
    Group from =
        groups.values().stream()
            .filter(group -> group.processes.contains(pid))
            .findFirst()
            .orElseThrow(() -> new FileSystemException(file.toString(), null, "No such process"));
    if (rooted.contains(pid)) {
      throw new AccessDeniedException(file.toString());
    }
    from.processes.remove(pid);
    to.processes.add(pid);
    from.processes.addAll(newborn);
    newborn.clear();
  }

  @Override
  public void make(Path group) throws IOException {
    if (groups.containsKey(group)) {
      throw new FileAlreadyExistsException(group.toString());
    }
    if (!find(group.getParent()).writable) {
      throw new AccessDeniedException(group.toString());
    }
    groups.put(group, new Group());
    makeFiles(group);
  }

  @Override
  public void remove(Path group) throws IOException {
    Group gone = groups.get(group);
    if (gone == null) {
      return;
    }
    if (!below(group).isEmpty()) {
      throw new DirectoryNotEmptyException(group.toString());
    }
    if (!gone.processes.isEmpty()) {
      throw new FileSystemException(group.toString(), null, "Device or resource busy");
    }
    groups.remove(group);
  }

  @Override
  public List<Path> below(Path group) throws IOException {
    find(group);
    return groups.keySet().stream().filter(one -> group.equals(one.getParent())).toList();
  }

  private Group find(Path group) throws NoSuchFileException {
    Group found = groups.get(group);
    if (found == null) {
      throw new NoSuchFileException(String.valueOf(group));
    }
    return found;
  }

  private Set<String> controllers(Path group) {
    return group.equals(MOUNT) ? rootControllers : groups.get(group.getParent()).handedDown;
  }

  private void makeFiles(Path group) {
    Stream<String> names =
        controllers(group).stream().flatMap(name -> FILES.getOrDefault(name, List.of()).stream());
    names.forEach(name -> groups.get(group).values.putIfAbsent(name, "max"));
  }
}
