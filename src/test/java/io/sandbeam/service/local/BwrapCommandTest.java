package io.sandbeam.service.local;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Network;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BwrapCommandTest {
  private static final Image IMAGE =
      new Image(
          "host",
          List.of(new Mount.ReadOnly("/usr", "/usr"), new Mount.Link("usr/bin", "/bin")),
          Path.of("/shell"));
  private static final Limits LIMITS =
      new Limits(
          ByteSize.ofMebibytes(3),
          ByteSize.ofMebibytes(2),
          ByteSize.ofMebibytes(1),
          ByteSize.ofBytes(0),
          0,
          0,
          77,
          ByteSize.ofKibibytes(5),
          Map.of());

  private static List<String> argv(Network network) {
    return new BwrapCommand(
            List.of("bwrap"), IMAGE, network, LIMITS, "/state/control", Optional.empty(), "sb-1")
        .argv();
  }

  private static int at(List<String> argv, String... words) {
    return Collections.indexOfSubList(argv, List.of(words));
  }

  @Test
  void givenAnySpec_thenEveryNamespaceIsNewAndNothingIsInherited() {
    List<String> argv = argv(Network.NONE);

    assertThat(argv.get(0), is("bwrap"));
    for (String option :
        List.of(
            "--unshare-all",
            "--unshare-user",
            "--disable-userns",
            "--as-pid-1",
            "--new-session",
            "--clearenv")) {
      assertThat(argv, hasItem(option));
    }
    assertThat(at(argv, "--cap-drop", "ALL"), is(greaterThan(0)));
    assertThat(argv, not(hasItem("--share-net")));
    assertThat(argv, not(hasItem("--die-with-parent")));
    assertThat(argv, not(hasItem("--bind")));
  }

  @Test
  void givenOpenNetwork_thenItAloneIsShared() {
    List<String> open = new java.util.ArrayList<>(argv(Network.OPEN));

    assertThat(open.remove("--share-net"), is(true));
    assertThat(open, is(argv(Network.NONE)));
  }

  @Test
  void givenMounts_thenTheyAreReadOnlyAndBeforeWhatIsMountedOverThem() {
    List<String> argv = argv(Network.NONE);

    assertThat(at(argv, "--ro-bind", "/usr", "/usr"), is(greaterThan(0)));
    assertThat(at(argv, "--symlink", "usr/bin", "/bin"), is(greaterThan(0)));
    assertThat(at(argv, "--ro-bind", "/usr", "/usr"), is(lessThan(at(argv, "--proc", "/proc"))));
  }

  @Test
  void givenSizes_thenEveryWritablePlaceHasOneAndTheRootIsShutLast() {
    List<String> argv = argv(Network.NONE);

    assertThat(at(argv, "--size", "3145728", "--tmpfs", "/workspace"), is(greaterThan(0)));
    assertThat(at(argv, "--size", "2097152", "--tmpfs", "/tmp"), is(greaterThan(0)));
    assertThat(at(argv, "--size", "1048576", "--tmpfs", "/dev/shm"), is(greaterThan(0)));
    assertThat(Collections.frequency(argv, "--tmpfs"), is(3));
    assertThat(
        at(argv, "--remount-ro", "/"),
        is(greaterThan(at(argv, "--ro-bind", "/state/control", "/.sandbeam"))));
  }

  @Test
  void givenLimits_thenTheWatchdogIsTold() {
    List<String> argv = argv(Network.NONE);

    assertThat(
        argv.subList(argv.indexOf("--") + 1, argv.size()),
        is(List.of("/.sandbeam/sh", "/.sandbeam/watchdog", "sb-1", "77", "5")));
  }

  @Test
  void givenArgumentsOfASandbox_thenItsProcessesAreKnownByItsIdAlone() {
    List<String> argv = argv(Network.NONE);
    List<String> init = argv.subList(argv.indexOf("--") + 1, argv.size());

    assertThat(BwrapCommand.belongsTo(argv, Set.of("sb-1")), is(true));
    assertThat(BwrapCommand.belongsTo(init, Set.of("sb-1")), is(true));
    assertThat(BwrapCommand.belongsTo(argv, Set.of("sb-2")), is(false));
    assertThat(BwrapCommand.belongsTo(List.of("vi", "sb-1"), Set.of("sb-1")), is(false));
  }
}
