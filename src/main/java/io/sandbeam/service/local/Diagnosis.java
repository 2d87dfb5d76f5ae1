package io.sandbeam.service.local;

import io.sandbeam.service.Finding;
import io.sandbeam.service.Finding.Level;
import io.sandbeam.service.SandboxException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Looks at this machine. Changes nothing but makes the state directory. */
final class Diagnosis {
  private Diagnosis() {}

  static List<Finding> of(LocalSettings settings) {
    Identity identity = Identity.current();
    List<Finding> findings = new ArrayList<>();
    findings.add(Probe.bubblewrap(settings));
    findings.add(Probe.sandbox(settings, identity));
    findings.add(cgroups());
    stateDirectory(settings, identity, findings);
    return List.copyOf(findings);
  }

  private static Finding cgroups() {
    String probe = OwnerDirectory.prefixOfThisProcess() + SandboxId.random();
    Cgroups cgroups = Cgroups.detect(CgroupHost.current(), probe);
    try {
      return cgroups(cgroups);
    } finally {
      cgroups.close();
    }
  }

  /** What limits hold, and how the others would. */
  static Finding cgroups(Cgroups cgroups) {
    List<String> there =
        Arrays.stream(Controller.values()).filter(cgroups::controls).map(Controller::file).toList();
    if (cgroups.shortfall().isEmpty()) {
      return new Finding(Level.OK, "cgroups", cgroups.version() + " with " + there, "");
    }
    Shortfall lack = cgroups.shortfall().get();
    List<String> consequences = new ArrayList<>();
    if (!there.isEmpty()) {
      consequences.add(cgroups.version() + " with " + there + " only");
    }
    consequences.add(lack.why());
    if (!cgroups.controls(Controller.MEMORY)) {
      consequences.add("memory is limited for each process only, by address space");
    }
    if (!cgroups.controls(Controller.CPU)) {
      consequences.add("cpu is not limited");
    }
    return new Finding(Level.WARNING, "cgroups", String.join("; ", consequences), lack.remedy());
  }

  private static void stateDirectory(
      LocalSettings settings, Identity identity, List<Finding> findings) {
    try {
      StateRoot root = StateRoot.open(settings.stateDirectory(), identity);
      findings.add(
          new Finding(
              Level.OK,
              "state directory",
              root.owners() + " and " + root.snapshots() + " are ours",
              ""));
      List<String> dead = new OtherOwners(root, "").dead();
      findings.add(
          dead.isEmpty()
              ? new Finding(Level.OK, "leftovers", "no dead owner left anything", "")
              : new Finding(
                  Level.WARNING,
                  "leftovers",
                  dead.size() + " dead owners left something: " + dead,
                  "The next list, sweep or start removes it: scripts/sandbeam list"));
    } catch (IOException | SandboxException e) {
      findings.add(
          new Finding(
              Level.MISSING,
              "state directory",
              String.valueOf(e.getMessage()),
              "Choose another with SANDBEAM_STATE_DIR"));
    }
  }
}
