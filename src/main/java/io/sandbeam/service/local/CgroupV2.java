package io.sandbeam.service.local;

import io.sandbeam.service.local.InitSystem.Scope;
import io.sandbeam.service.local.InitSystem.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Version 2: one hierarchy, in which each group has one owner. Ours is a group that systemd has
 * delegated to this process, or, where there is no systemd, the process's own. It then holds
 *
 * <pre>
 *   sandbeam/outside         what ran in the group itself, this process first
 *   sandbeam/OWNER/SANDBOX   the sandboxes
 * </pre>
 *
 * <p>since a group that holds processes cannot hand controllers down.
 */
final class CgroupV2 {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupV2.class);
  private static final String OUTSIDE = "outside";
  private static final String CONTROL = "cgroup.subtree_control";
  private static final String PROCESSES = "cgroup.procs";
  private static final int ATTEMPTS = 10;

  private final CgroupHost host;
  private final CgroupTree tree;

  CgroupV2(CgroupHost host) {
    this.host = host;
    this.tree = host.tree();
  }

  /** A group that is ours, or why there is none. */
  private record Place(Optional<Path> group, Optional<Shortfall> shortfall) {
    static Place of(Path group) {
      return new Place(Optional.of(group), Optional.empty());
    }

    static Place none(String why, String remedy) {
      return new Place(Optional.empty(), Optional.of(new Shortfall(why, remedy)));
    }
  }

  Cgroups detect(String owner) {
    Place place;
    try {
      place = place();
    } catch (IOException e) {
      LOG.warn("{} cannot be read; nothing is limited by cgroups", host.self(), e);
      return Cgroups.none(
          new Shortfall(host.self() + " cannot be read", "Mount /proc, and run it again"));
    }
    return place
        .group()
        .map(group -> below(group, owner))
        .orElseGet(() -> Cgroups.none(place.shortfall().orElseThrow()));
  }

  private Cgroups below(Path group, String owner) {
    try {
      List<Controller> handedDown = new ArrayList<>();
      List<String> there = words(group.resolve("cgroup.controllers"));
      for (Controller controller : Controller.values()) {
        if (there.contains(controller.file()) && handsDown(group, controller)) {
          handedDown.add(controller);
        }
      }
      if (handedDown.isEmpty()) {
        return Cgroups.none(lacking(group, handedDown));
      }
      Path base =
          Cgroups.makeOwner(tree, group, owner, product -> handDownAll(product, handedDown));
      handDownAll(base, handedDown);
      Map<Controller, Path> bases = new EnumMap<>(Controller.class);
      handedDown.forEach(controller -> bases.put(controller, base));
      return new Cgroups(
          Cgroups.Version.V2,
          bases,
          tree,
          handedDown.size() == Controller.values().length
              ? Optional.empty()
              : Optional.of(lacking(group, handedDown)));
    } catch (IOException e) {
      LOG.warn("cgroup {} is ours, and yet no group can be made in it", group, e);
      return Cgroups.none(
          new Shortfall(
              "no group can be made in " + group + " (" + e.getMessage() + ")",
              host.askForDelegation()));
    }
  }

  private Place place() throws IOException {
    Optional<String> named =
        tree.read(host.self()).stream()
            .filter(line -> line.startsWith("0::/"))
            .map(line -> line.substring("0::/".length()))
            .findFirst();
    Path own = host.mounts().resolve(named.orElse("..")).normalize();
    if (!own.startsWith(host.mounts()) || !tree.exists(own.resolve(PROCESSES))) {
      return Place.none(
          "this process's own group cannot be seen in " + host.mounts(),
          "Start the container with a cgroup namespace of its own, or use --service=docker");
    }
    return host.init().runs() ? managed(own) : unmanaged(own);
  }

  private Place managed(Path own) {
    Optional<Path> group = unitOf(own);
    if (group.isEmpty()) {
      return Place.none("this process runs in no unit of systemd", host.askForDelegation());
    }
    Path directory = group.get();
    Unit unit =
        new Unit(
            directory.getParent() != null && unitOf(directory.getParent()).isPresent()
                ? Scope.USER
                : Scope.SYSTEM,
            directory.getFileName().toString());
    Optional<Boolean> delegated =
        tree.isWritable(directory.resolve(PROCESSES))
            ? host.init().delegates(unit)
            : Optional.of(false);
    if (delegated.isEmpty()) {
      return Place.none(
          "systemd does not say whether " + unit.name() + " is delegated", host.askForDelegation());
    }
    if (delegated.get()) {
      return Place.of(directory);
    }
    return Place.none(
        "this process runs in " + unit.name() + ", which systemd has not delegated to it",
        unit.isService()
            ? "Add Delegate=yes to its [Service] section and restart it: systemctl "
                + (unit.scope() == Scope.USER ? "--user " : "")
                + "edit "
                + unit.name()
            : host.askForDelegation());
  }

  /** The innermost unit around a group. */
  private Optional<Path> unitOf(Path group) {
    for (Path at = group; !at.equals(host.mounts()) && at.startsWith(host.mounts()); ) {
      String name = at.getFileName().toString();
      if (name.endsWith(".scope") || name.endsWith(".service")) {
        return Optional.of(at);
      }
      at = at.getParent();
    }
    return Optional.empty();
  }

  private Place unmanaged(Path own) {
    Path group =
        own.endsWith(Path.of(Cgroups.PRODUCT, OUTSIDE)) ? own.getParent().getParent() : own;
    return tree.isWritable(group.resolve(PROCESSES))
        ? Place.of(group)
        : Place.none(
            host.mounts() + " cannot be written",
            "In a container, mount it writable (docker run --privileged, for one), or use --service=docker");
  }

  private Shortfall lacking(Path group, List<Controller> there) {
    List<String> names = there.stream().map(Controller::file).toList();
    return new Shortfall(
        group + " hands down " + (names.isEmpty() ? "no controller" : "only " + names),
        "Let systemd hand down the others: sudo systemctl edit "
            + (host.root() ? "the unit" : "user@.service")
            + ", with the lines [Service] and Delegate=cpu memory pids, and log in again");
  }

  private boolean handsDown(Path group, Controller controller) {
    try {
      handDown(group, controller);
      return true;
    } catch (IOException e) {
      LOG.warn("cgroup {} does not hand down {}", group, controller.file(), e);
      return false;
    }
  }

  private void handDownAll(Path group, List<Controller> controllers) throws IOException {
    for (Controller controller : controllers) {
      handDown(group, controller);
    }
  }

  private void handDown(Path group, Controller controller) throws IOException {
    for (int attempt = 0; !words(group.resolve(CONTROL)).contains(controller.file()); attempt++) {
      try {
        tree.write(group.resolve(CONTROL), "+" + controller.file());
      } catch (IOException e) {
        // Busy with the processes in it; new ones may be born there while we move those.
        if (attempt == ATTEMPTS || words(group.resolve(PROCESSES)).isEmpty()) {
          throw e;
        }
        moveOutside(group);
      }
    }
  }

  private void moveOutside(Path group) throws IOException {
    Path outside = Cgroups.makeOwner(tree, group, OUTSIDE, product -> LOG.trace("{}", product));
    for (String pid : words(group.resolve(PROCESSES))) {
      try {
        tree.write(outside.resolve(PROCESSES), pid);
      } catch (IOException e) {
        // It has ended, or it is not ours to move: then the group stays busy, and that is reported.
        LOG.debug("process {} stays in {}", pid, group, e);
      }
    }
  }

  private List<String> words(Path file) throws IOException {
    return tree.read(file).stream()
        .flatMap(line -> List.of(line.split(" ")).stream())
        .filter(word -> !word.isEmpty())
        .collect(Collectors.toList());
  }
}
