package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control groups this process may make: version 2 where it is delegated, version 1 where it is
 * writable, none elsewhere. Groups are {@code sandbeam/OWNER/SANDBOX} below this process's own
 * group, so that its own limits hold for its sandboxes, too.
 */
final class Cgroups {
  private static final Logger LOG = LoggerFactory.getLogger(Cgroups.class);
  private static final Path MOUNTS = Path.of("/sys/fs/cgroup");

  /** What a group limits. */
  enum Controller {
    MEMORY,
    PIDS,
    CPU;

    String file() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private final String version;
  private final Map<Controller, Path> bases;

  private Cgroups(String version, Map<Controller, Path> bases) {
    this.version = version;
    this.bases = bases;
  }

  static Cgroups none() {
    return new Cgroups("none", new EnumMap<>(Controller.class));
  }

  /** Looks for groups that can be made, by making the owner's. */
  static Cgroups detect(String owner) {
    Map<Controller, Path> bases = new EnumMap<>(Controller.class);
    if (Files.exists(MOUNTS.resolve("cgroup.controllers"))) {
      version2(owner)
          .ifPresent(base -> EnumSet.allOf(Controller.class).forEach(c -> bases.put(c, base)));
      return bases.isEmpty() ? none() : new Cgroups("cgroup v2", bases);
    }
    for (Controller controller : Controller.values()) {
      version1(controller, owner).ifPresent(base -> bases.put(controller, base));
    }
    return bases.isEmpty() ? none() : new Cgroups("cgroup v1", bases);
  }

  String version() {
    return version;
  }

  boolean controls(Controller controller) {
    return bases.containsKey(controller);
  }

  /** The owner's groups; a sandbox's groups are below them. */
  Set<Path> bases() {
    return Set.copyOf(bases.values());
  }

  /** Makes the groups of one sandbox and sets its limits. */
  Cgroup create(String sandboxId, Limits limits) throws IOException {
    Map<Controller, Path> groups = new EnumMap<>(Controller.class);
    for (Map.Entry<Controller, Path> base : bases.entrySet()) {
      if (asked(base.getKey(), limits)) {
        groups.put(base.getKey(), base.getValue().resolve(sandboxId));
      }
    }
    Cgroup group = new Cgroup(groups, version.endsWith("2"));
    group.make(limits);
    return group;
  }

  private static boolean asked(Controller controller, Limits limits) {
    return switch (controller) {
      case MEMORY -> limits.memory().bytes() > 0;
      case PIDS -> limits.processes() > 0;
      case CPU -> limits.cpuMillis() > 0;
    };
  }

  /**
   * Removes the groups of owners that died, also of those whose state directory somebody removed. A
   * group with a process in it cannot be removed, so nothing alive can lose its limits.
   */
  void sweepDead() {
    for (Path base : bases()) {
      try (var siblings = Files.newDirectoryStream(base.getParent(), Files::isDirectory)) {
        for (Path sibling : siblings) {
          OwnerDirectory.makerOf(sibling.getFileName().toString())
              .filter(maker -> !maker.isAlive())
              .ifPresent(dead -> removeOwner(sibling));
        }
      } catch (IOException e) {
        LOG.warn("cgroups beside {} cannot be listed", base, e);
      }
    }
  }

  /** Removes the owner's own groups, which are empty by now. */
  void close() {
    bases().forEach(Cgroups::removeOwner);
  }

  /** Removes the groups of an owner and of the sandboxes it left; all their processes are dead. */
  static void removeOwner(Path base) {
    try (var children = Files.newDirectoryStream(base, Files::isDirectory)) {
      for (Path child : children) {
        Cgroup.remove(child);
      }
    } catch (java.nio.file.NoSuchFileException e) {
      return;
    } catch (IOException e) {
      LOG.warn("cgroup {} cannot be listed", base, e);
    }
    Cgroup.remove(base);
  }

  private static Optional<Path> version1(Controller controller, String owner) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
        String[] fields = line.split(":", 3);
        if (List.of(fields[1].split(",")).contains(controller.file())) {
          Path mount = MOUNTS.resolve(controller.file());
          Path own = mount.resolve(fields[2].substring(1));
          return make(Files.isDirectory(own) ? own : mount, owner);
        }
      }
    } catch (IOException e) {
      LOG.debug("no cgroup v1 for {}", controller, e);
    }
    return Optional.empty();
  }

  /**
   * The nearest ancestor of our own group that may have children with controllers. Our own group
   * holds this process, and a group that holds processes cannot hand controllers down.
   */
  private static Optional<Path> version2(String owner) {
    try {
      String line = Files.readString(Path.of("/proc/self/cgroup")).trim();
      Path own = MOUNTS.resolve(line.substring(line.indexOf("::/") + 3));
      for (Path group = own; group.startsWith(MOUNTS); group = group.getParent()) {
        if (Files.isWritable(group.resolve("cgroup.procs")) && handsDown(group)) {
          Optional<Path> made = make(group, owner);
          if (made.isPresent() && handsDown(made.get().getParent()) && handsDown(made.get())) {
            return made;
          }
        }
      }
    } catch (IOException | StringIndexOutOfBoundsException e) {
      LOG.debug("no cgroup v2", e);
    }
    return Optional.empty();
  }

  private static boolean handsDown(Path group) {
    Path control = group.resolve("cgroup.subtree_control");
    try {
      List<String> wanted = List.of("memory", "pids", "cpu");
      if (List.of(Files.readString(control).trim().split(" ")).containsAll(wanted)) {
        return true;
      }
      Files.writeString(control, "+memory +pids +cpu");
      return true;
    } catch (IOException e) {
      LOG.debug("cgroup {} hands no controllers down", group, e);
      return false;
    }
  }

  private static Optional<Path> make(Path parent, String owner) {
    try {
      Path product = parent.resolve("sandbeam");
      Files.createDirectories(product);
      Path base = product.resolve(owner);
      Files.createDirectory(base);
      return Optional.of(base);
    } catch (IOException e) {
      LOG.debug("no cgroup below {}", parent, e);
      return Optional.empty();
    }
  }
}
