package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control groups this process may make: version 2 where it is delegated, version 1 where it is
 * writable, none elsewhere. Groups are {@code sandbeam/OWNER/SANDBOX} below a group of this
 * process, so that its own limits hold for its sandboxes, too.
 */
final class Cgroups {
  static final String PRODUCT = "sandbeam";

  private static final Logger LOG = LoggerFactory.getLogger(Cgroups.class);
  private static final int ATTEMPTS = 5;

  /** Whose rules hold. */
  enum Version {
    V1("cgroup v1"),
    V2("cgroup v2"),
    NONE("none");

    private final String shown;

    Version(String shown) {
      this.shown = shown;
    }

    @Override
    public String toString() {
      return shown;
    }
  }

  private final Version version;
  private final Map<Controller, Path> bases;
  private final CgroupTree tree;
  private final Optional<Shortfall> shortfall;
  private final AtomicBoolean warned = new AtomicBoolean();

  /**
   * @param bases the owner's group for each controller that we have
   * @param shortfall why some are missing
   */
  Cgroups(
      Version version,
      Map<Controller, Path> bases,
      CgroupTree tree,
      Optional<Shortfall> shortfall) {
    this.version = version;
    this.bases = bases;
    this.tree = tree;
    this.shortfall = shortfall;
  }

  static Cgroups none(Shortfall why) {
    return new Cgroups(
        Version.NONE, new EnumMap<>(Controller.class), new KernelCgroupTree(), Optional.of(why));
  }

  /** Looks for groups that can be made, by making the owner's. */
  static Cgroups detect(CgroupHost host, String owner) {
    return host.tree().exists(host.mounts().resolve("cgroup.controllers"))
        ? new CgroupV2(host).detect(owner)
        : new CgroupV1(host).detect(owner);
  }

  Version version() {
    return version;
  }

  boolean controls(Controller controller) {
    return bases.containsKey(controller);
  }

  /** Why a controller is missing; empty when none is. */
  Optional<Shortfall> shortfall() {
    return shortfall;
  }

  /** Says once, aloud, that limits somebody asked for hold less than they could. */
  void warnOfShortfall(Limits limits) {
    if (shortfall.isPresent() && !warned.getAndSet(true)) {
      LOG.warn("Limits in force: {}. {}", limits.inForce(), shortfall.get().remedy());
    }
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
    Cgroup group = new Cgroup(groups, version, tree);
    try {
      group.make(limits);
      return group;
    } catch (IOException e) {
      group.remove();
      throw e;
    }
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
      try {
        for (Path sibling : tree.below(base.getParent())) {
          OwnerDirectory.makerOf(sibling.getFileName().toString())
              .filter(maker -> !maker.isAlive())
              .ifPresent(dead -> removeOwner(tree, sibling));
        }
      } catch (IOException e) {
        LOG.warn("cgroups beside {} cannot be listed", base, e);
      }
    }
  }

  /** Removes the owner's own groups, which are empty by now. */
  void close() {
    bases().forEach(base -> removeOwner(tree, base));
  }

  /**
   * Removes the groups of an owner and of the sandboxes it left; all their processes are dead. The
   * last owner's end is the end of the product's group, too.
   */
  static void removeOwner(CgroupTree tree, Path base) {
    try {
      for (Path child : tree.below(base)) {
        Cgroup.remove(tree, child);
      }
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException e) {
      LOG.warn("cgroup {} cannot be listed", base, e);
    }
    Cgroup.remove(tree, base);
    try {
      tree.remove(base.getParent());
    } catch (IOException e) {
      LOG.debug("cgroup {} is still used", base.getParent(), e);
    }
  }

  /** What has to be done to the product's group before there is one in it. */
  interface Preparation {
    void prepare(Path product) throws IOException;
  }

  /** Makes a group {@code sandbeam/NAME}. */
  static Path makeOwner(CgroupTree tree, Path parent, String name, Preparation preparation)
      throws IOException {
    Path product = parent.resolve(PRODUCT);
    for (int attempt = 0; ; attempt++) {
      try {
        makeIfMissing(tree, product);
        preparation.prepare(product);
        makeIfMissing(tree, product.resolve(name));
        return product.resolve(name);
      } catch (NoSuchFileException e) {
        // Another owner ended meanwhile, and took the product's empty group along.
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static void makeIfMissing(CgroupTree tree, Path group) throws IOException {
    try {
      tree.make(group);
    } catch (FileAlreadyExistsException e) {
      LOG.trace("cgroup {} is there", group, e);
    }
  }
}
