package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** systemd, where it is process 1. It is asked by its own program, once for each unit. */
final class Systemd implements InitSystem {
  private static final Logger LOG = LoggerFactory.getLogger(Systemd.class);
  private static final Map<Unit, Boolean> ANSWERS = new ConcurrentHashMap<>();

  @Override
  public boolean runs() {
    return Files.isDirectory(Path.of("/run/systemd/system"));
  }

  @Override
  public boolean servesThisUser() {
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    return runtime != null && Files.exists(Path.of(runtime, "systemd", "private"));
  }

  @Override
  public Optional<Boolean> delegates(Unit unit) {
    Boolean known = ANSWERS.get(unit);
    if (known != null) {
      return Optional.of(known);
    }
    List<String> command = new ArrayList<>(List.of("systemctl"));
    if (unit.scope() == Scope.USER) {
      command.add("--user");
    }
    command.addAll(List.of("show", "--property=Delegate", "--value", "--", unit.name()));
    try {
      HostProgram.Said said = HostProgram.run(command);
      if (said.exitCode() == 0 && (said.text().equals("yes") || said.text().equals("no"))) {
        ANSWERS.put(unit, said.text().equals("yes"));
        return Optional.of(said.text().equals("yes"));
      }
      LOG.debug("{} said: {}", command, said.text());
    } catch (IOException e) {
      LOG.debug("{} cannot be run", command, e);
    }
    return Optional.empty();
  }
}
