package io.sandbeam.service.local;

import static io.sandbeam.service.local.FakeCgroupV2.MOUNT;
import static io.sandbeam.service.local.FakeCgroupV2.OWN_PID;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Finding;
import io.sandbeam.service.Resources;
import io.sandbeam.service.ServiceConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Where groups are made under version 2, what is in force there, and what is said where not. */
class CgroupV2Test {
  private static final String USER_SCOPE =
      "user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope";
  private static final String SESSION = "user.slice/user-1000.slice/session-3.scope";
  private static final Resources LIMITED =
      Resources.DEFAULT.withMemory(ByteSize.ofMebibytes(64)).withCpuMillis(250).withProcesses(30);

  private final FakeCgroupV2 kernel = new FakeCgroupV2();

  /** An init system that delegates these units, and says no of all others. */
  private record Delegating(boolean runs, boolean servesThisUser, Set<String> units)
      implements InitSystem {
    @Override
    public Optional<Boolean> delegates(Unit unit) {
      return Optional.of(units.contains(unit.scope() + " " + unit.name()));
    }
  }

  private static InitSystem delegating(String... units) {
    return new Delegating(true, true, Set.of(units));
  }

  private static final InitSystem NONE = new Delegating(false, false, Set.of());

  private CgroupHost host(InitSystem init, boolean root) {
    return new CgroupHost(MOUNT, FakeCgroupV2.SELF, kernel, init, root ? "root" : "ada", root);
  }

  private Cgroups open(InitSystem init, String owner) {
    return Cgroups.detect(host(init, false), owner);
  }

  private static Limits limits(Cgroups cgroups) {
    return Limits.of(LIMITED, LocalSettings.of(ServiceConfig.of("local")), cgroups);
  }

  private static Set<Controller> controllers(Cgroups cgroups) {
    Set<Controller> there = new TreeSet<>();
    Arrays.stream(Controller.values()).filter(cgroups::controls).forEach(there::add);
    return there;
  }

  private Shortfall refused(InitSystem init, boolean root) {
    Set<Path> before = Set.copyOf(kernel.all());
    Cgroups cgroups = Cgroups.detect(host(init, root), "owner");

    assertThat(controllers(cgroups), is(Set.of()));
    assertThat("nothing is touched", kernel.all(), is(before));
    return cgroups.shortfall().orElseThrow();
  }

  @Test
  void givenDelegatedScope_thenAllIsHandedDownAndItsProcessesStandBeside() throws IOException {
    Path scope = kernel.stand(USER_SCOPE);
    kernel.put(scope, "4700");

    Cgroups cgroups = open(delegating("USER run-1.scope"), "owner");

    assertThat(cgroups.shortfall(), is(Optional.empty()));
    assertThat(cgroups.version(), is(Cgroups.Version.V2));
    assertThat(controllers(cgroups), is(Set.of(Controller.values())));
    assertThat(cgroups.bases(), is(Set.of(scope.resolve("sandbeam/owner"))));
    assertThat(kernel.read(scope.resolve("cgroup.procs")), is(List.of()));
    assertThat(
        kernel.read(scope.resolve("sandbeam/outside/cgroup.procs")),
        containsInAnyOrder(OWN_PID, "4700"));
  }

  @Test
  void givenProcessBornMeanwhile_thenItIsMovedToo() throws IOException {
    Path scope = kernel.stand(USER_SCOPE);
    kernel.newborn.add("4712");

    Cgroups cgroups = open(delegating("USER run-1.scope"), "owner");

    assertThat(controllers(cgroups), is(Set.of(Controller.values())));
    assertThat(
        kernel.read(scope.resolve("sandbeam/outside/cgroup.procs")),
        containsInAnyOrder(OWN_PID, "4712"));
  }

  @Test
  void givenProcessThatNobodyMayMove_thenThatIsSaid() throws IOException {
    kernel.put(kernel.stand(USER_SCOPE), "4700");
    kernel.rooted.add("4700");

    Cgroups cgroups = open(delegating("USER run-1.scope"), "owner");

    assertThat(controllers(cgroups), is(Set.of()));
    assertThat(cgroups.shortfall().orElseThrow().why(), containsString("hands down no controller"));
  }

  @Test
  void givenOwnersInOneScope_thenTheySharePlaceAndTheLastOneLeavesNothing() throws IOException {
    Path scope = kernel.stand(USER_SCOPE);
    InitSystem systemd = delegating("USER run-1.scope");
    Cgroups one = open(systemd, "one");
    Cgroups other = open(systemd, "other");

    one.close();
    assertThat(kernel.all(), hasItem(scope.resolve("sandbeam/other")));
    assertThat(kernel.all(), not(hasItem(scope.resolve("sandbeam/one"))));
    other.close();

    // We stand there ourselves; it goes with the scope.
    assertThat(
        kernel.below(scope.resolve("sandbeam")), is(List.of(scope.resolve("sandbeam/outside"))));
  }

  @Test
  void givenLimits_thenTheyAreSetAndReported() throws IOException {
    Path scope = kernel.stand(USER_SCOPE);
    Cgroups cgroups = open(delegating("USER run-1.scope"), "owner");
    Limits limits = limits(cgroups);

    Cgroup group = cgroups.create("sb-1", limits);

    Path directory = scope.resolve("sandbeam/owner/sb-1");
    assertThat(group.directories(), is(Set.of(directory)));
    assertThat(kernel.value(directory.resolve("memory.max")), is("67108864"));
    assertThat(kernel.value(directory.resolve("memory.swap.max")), is("0"));
    assertThat(kernel.value(directory.resolve("cpu.max")), is("25000 100000"));
    assertThat(kernel.value(directory.resolve("pids.max")), is("38"));
    assertThat(
        limits.inForce(),
        is(
            Map.of(
                "memory",
                "cgroup v2, 64Mi, files in /workspace and /tmp included",
                "cpu",
                "cgroup v2, 250m",
                "processes",
                "cgroup v2, 30",
                "disk",
                "tmpfs, 1Gi in /workspace, 256Mi in /tmp")));
    kernel.put(scope.resolve("sandbeam/outside"), "5000");
    group.join(new HostProcess(5000, 1));
    assertThat(kernel.read(directory.resolve("cgroup.procs")), is(List.of("5000")));
    assertThat(group.oomKills(), is(0L));
    kernel.set(directory.resolve("memory.events"), "low 0\noom 3\noom_kill 2\noom_group_kill 0");
    assertThat(group.oomKills(), is(2L));

    kernel.end(directory);
    group.remove();
    cgroups.close();
    assertThat(kernel.all(), not(hasItem(scope.resolve("sandbeam/owner"))));
  }

  @Test
  void givenGroupThatStaysBusy_thenOnlyALaterSweepRemovesIt() throws IOException {
    Path scope = kernel.stand(USER_SCOPE);
    InitSystem systemd = delegating("USER run-1.scope");
    String dead = "999999999-1-0123456789abcdef";
    Cgroups owner = open(systemd, dead);
    Path busy = owner.create("sb-1", limits(owner)).directories().iterator().next();
    kernel.put(busy, "5000");
    Cgroups next = open(systemd, "next");

    next.sweepDead();
    assertThat(kernel.all(), hasItem(busy));
    kernel.end(busy);
    next.sweepDead();

    assertThat(kernel.all(), not(hasItem(scope.resolve("sandbeam").resolve(dead))));
    assertThat(kernel.all(), hasItem(scope.resolve("sandbeam/next")));
  }

  @Test
  void givenSessionThatIsNotOurs_thenTheCommandForThisUserIsNamed() throws IOException {
    kernel.deny(kernel.stand(SESSION));

    Shortfall mine = refused(delegating(), false);
    Shortfall withoutUsers = refused(new Delegating(true, false, Set.of()), false);

    assertThat(mine.why(), containsString("session-3.scope"));
    assertThat(mine.remedy(), containsString("systemd-run --user --scope -p Delegate=yes COMMAND"));
    assertThat(
        withoutUsers.remedy(),
        allOf(startsWith("Run it in a group of its own: sudo "), containsString("--uid=ada")));
  }

  @Test
  void givenRootInASession_thenItsGroupIsLeftToSystemd() throws IOException {
    kernel.stand("user.slice/user-0.slice/session-3.scope");

    Shortfall lack = refused(delegating(), true);

    assertThat(lack.why(), containsString("session-3.scope, which systemd has not delegated"));
    assertThat(lack.remedy(), containsString(": systemd-run --scope -p Delegate=yes COMMAND"));
  }

  @Test
  void givenServiceWithoutDelegation_thenTheSettingIsNamed() throws IOException {
    kernel.stand("system.slice/worker.service");

    assertThat(
        refused(delegating(), true).remedy(),
        allOf(containsString("Delegate=yes"), containsString("systemctl edit worker.service")));
  }

  @Test
  void givenServiceWhoseProcessesStandBelowIt_thenItIsTheDelegatedGroup() throws IOException {
    Path below = kernel.stand("system.slice/worker.service/main");
    Path service = below.getParent();

    Cgroups cgroups = open(delegating("SYSTEM worker.service"), "owner");

    assertThat(cgroups.bases(), is(Set.of(service.resolve("sandbeam/owner"))));
    assertThat(kernel.read(below.resolve("cgroup.procs")), is(List.of(OWN_PID)));
  }

  @Test
  void givenSystemdThatDoesNotAnswer_thenNothingIsAssumed() throws IOException {
    kernel.stand(USER_SCOPE);
    InitSystem silent =
        new InitSystem() {
          @Override
          public boolean runs() {
            return true;
          }

          @Override
          public boolean servesThisUser() {
            return true;
          }

          @Override
          public Optional<Boolean> delegates(Unit unit) {
            return Optional.empty();
          }
        };

    assertThat(refused(silent, false).why(), containsString("does not say"));
  }

  @Test
  void givenDelegationWithoutCpu_thenTheOthersHoldAndCpuIsReportedMissing() throws IOException {
    Path scope = kernel.stand(USER_SCOPE);
    kernel.withhold(scope, "cpu");

    Cgroups cgroups = open(delegating("USER run-1.scope"), "owner");

    assertThat(controllers(cgroups), is(Set.of(Controller.MEMORY, Controller.PIDS)));
    assertThat(limits(cgroups).inForce().get("memory"), startsWith("cgroup v2"));
    assertThat(limits(cgroups).inForce().get("cpu"), startsWith("not enforced: "));
    cgroups.create("sb-1", limits(cgroups));
    Finding finding = Diagnosis.cgroups(cgroups);
    assertThat(finding.level(), is(Finding.Level.WARNING));
    assertThat(finding.detail(), containsString("cpu is not limited"));
    assertThat(finding.remedy(), containsString("user@.service"));
  }

  @Test
  void givenContainerWithoutInitSystem_thenItsOwnGroupServes() throws IOException {
    Path own = kernel.stand("docker/0123");

    Cgroups first = open(NONE, "first");
    Cgroups second = open(NONE, "second");

    assertThat(first.bases(), is(Set.of(own.resolve("sandbeam/first"))));
    assertThat(second.bases(), is(Set.of(own.resolve("sandbeam/second"))));
  }

  @Test
  void givenReadOnlyContainer_thenThatIsSaid() throws IOException {
    kernel.deny(kernel.stand("docker/0123"));

    assertThat(refused(NONE, true).why(), containsString("cannot be written"));
  }

  @Test
  void givenTheRootGroup_thenItsProcessesStay() throws IOException {
    kernel.stand("");

    Cgroups cgroups = open(NONE, "owner");

    assertThat(controllers(cgroups), is(Set.of(Controller.values())));
    assertThat(kernel.read(MOUNT.resolve("cgroup.procs")), hasItem(OWN_PID));
    cgroups.close();
    assertThat("nothing is left", kernel.all(), is(Set.of(MOUNT)));
  }

  @Test
  void givenNoGroups_thenTheDiagnosisSaysWhatThatMeansAndHowToMendIt() throws IOException {
    kernel.deny(kernel.stand(SESSION));

    Finding finding = Diagnosis.cgroups(open(delegating(), "owner"));

    assertThat(finding.level(), is(Finding.Level.WARNING));
    assertThat(
        finding.detail(),
        is(
            "this process runs in session-3.scope, which systemd has not delegated to it; memory is"
                + " limited for each process only, by address space; cpu is not limited"));
    assertThat(finding.remedy(), containsString("systemd-run --user"));
  }
}
