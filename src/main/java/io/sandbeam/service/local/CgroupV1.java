package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Version 1: a hierarchy for each controller, and groups wherever they may be written. */
final class CgroupV1 {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupV1.class);
  private static final Shortfall NOT_OURS =
      new Shortfall(
          "cgroup v1 is not this user's to write",
          "Run as root, or start the machine with cgroup v2: systemd.unified_cgroup_hierarchy=1");

  private final CgroupHost host;

  CgroupV1(CgroupHost host) {
    this.host = host;
  }

  Cgroups detect(String owner) {
    Map<Controller, Path> bases = new EnumMap<>(Controller.class);
    for (Controller controller : Controller.values()) {
      base(controller, owner).ifPresent(base -> bases.put(controller, base));
    }
    if (bases.isEmpty()) {
      return Cgroups.none(NOT_OURS);
    }
    Optional<Shortfall> shortfall =
        bases.size() == Controller.values().length ? Optional.empty() : Optional.of(NOT_OURS);
    return new Cgroups(Cgroups.Version.V1, bases, host.tree(), shortfall);
  }

  private Optional<Path> base(Controller controller, String owner) {
    try {
      for (String line : host.tree().read(host.self())) {
        String[] fields = line.split(":", 3);
        if (List.of(fields[1].split(",")).contains(controller.file())) {
          Path mount = host.mounts().resolve(controller.file());
          Path own = mount.resolve(fields[2].substring(1));
          Path parent = host.tree().exists(own) ? own : mount;
          return Optional.of(
              Cgroups.makeOwner(host.tree(), parent, owner, product -> LOG.trace("{}", product)));
        }
      }
    } catch (IOException e) {
      LOG.debug("no cgroup v1 for {}", controller, e);
    }
    return Optional.empty();
  }
}
