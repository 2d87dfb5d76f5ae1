package io.sandbeam.service.local;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.sandbeam.service.ExecResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command in a sandbox of image host cannot see, reach or change. */
class IsolationTest {
  private LocalFixture local;
  private String id;

  @BeforeEach
  void create() {
    local = new LocalFixture();
    id = local.create(LocalFixture.spec().build());
  }

  @AfterEach
  void leaveNothing() {
    local.close();
  }

  private ExecResult sh(String script) {
    return local.sh(id, script);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/home", "/root", "/var", "/run", "/opt", "/srv", "/mnt", "/boot", "/sys", "/work"
      })
  void givenFolderOfTheHost_thenItIsNotThere(String folder) {
    assertThat(sh("test ! -e " + folder).exitCode(), is(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/shadow", "/etc/ssh", "/etc/machine-id", "/etc/ssl/private"})
  void givenSecretOfTheHost_thenItIsNotThere(String path) {
    assertThat(sh("test ! -e " + path).exitCode(), is(0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/usr/x", "/etc/x", "/bin/x", "/x", "/dev/x", "/.sandbeam/x", "/proc/sys/x"})
  void givenPathOutsideTheVolumes_thenItCannotBeWritten(String path) {
    assertThat(sh("echo x > " + path).exitCode(), is(not(0)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/kernel/hostname",
        "/proc/sys/vm/drop_caches",
        "/proc/sysrq-trigger"
      })
  void givenSettingOfTheKernel_thenItCannotBeOpenedForWriting(String path) {
    assertThat(sh("exec 3>> " + path).exitCode(), is(not(0)));
  }

  @Test
  void givenProcesses_thenOnlyItsOwnAreSeen() {
    assertThat(
        sh("for p in /proc/[0-9]*; do cat $p/cmdline; echo; done").stdoutUtf8(),
        not(containsString("java")));
    assertThat(sh("ls -d /proc/[0-9]* | wc -l").stdoutUtf8().trim().length(), is(1));
  }

  @Test
  void givenUser_thenItIsNobodySpecialWithoutCapabilities() {
    assertThat(sh("id -u; id -g; id -un").stdoutUtf8(), is("1000\n1000\nsandbox\n"));
    assertThat(
        sh("grep -E '^Cap|NoNewPrivs' /proc/self/status | sort -u | tr -d '\\t'").stdoutUtf8(),
        is(
            """
            CapAmb:0000000000000000
            CapBnd:0000000000000000
            CapEff:0000000000000000
            CapInh:0000000000000000
            CapPrm:0000000000000000
            NoNewPrivs:1
            """));
  }

  @Test
  void givenUserOnTheHost_thenItIsNeverRoot() {
    // The one line maps 1000 to the user on the host.
    String map = sh("cat /proc/self/uid_map").stdoutUtf8().trim();

    assertThat(map.split("\\s+", -1)[0], is("1000"));
    assertThat(Identity.current().sandboxUid() == 0, is(false));
  }

  @Test
  void givenNestedUserNamespace_thenItIsRefused() {
    assertThat(sh("unshare --user true").exitCode(), is(not(0)));
    assertThat(sh("unshare --user --map-root-user --mount true").exitCode(), is(not(0)));
  }

  @Test
  void givenNoNetworkAsked_thenThereIsOnlyLoopback() {
    assertThat(sh("tail -n +3 /proc/net/dev | grep -v ' lo:'").stdoutUtf8(), is(emptyString()));
    assertThat(
        sh("python3 -c \"import socket; socket.create_connection(('1.1.1.1', 80), 2)\"").exitCode(),
        is(1));
  }

  @Test
  void givenEnvironment_thenNothingOfTheWorkersIsThere() {
    String names = sh("env | cut -d= -f1 | sort | tr '\\n' ' '").stdoutUtf8();

    assertThat(names, is("HOME LANG LOGNAME PATH PWD SANDBEAM_EXEC SANDBEAM_SANDBOX_ID USER "));
  }

  @Test
  void givenDescriptors_thenOnlyTheThreeStandardOnesAreOpen() {
    // ls has the folder itself open, too.
    assertThat(sh("exec ls /proc/self/fd").stdoutUtf8(), is("0\n1\n2\n3\n"));
  }

  @Test
  void givenWatchdog_thenItsLeaseAndMemoryCannotBeTouched() {
    assertThat(sh("exec 3> /proc/1/fd/0").exitCode(), is(not(0)));
    assertThat(sh("exec 3> /proc/1/fd/1").exitCode(), is(not(0)));
    assertThat(sh("exec 3<> /proc/1/mem").exitCode(), is(not(0)));
    assertThat(sh("cat /proc/1/environ").exitCode(), is(not(0)));
    assertThat(sh("kill -KILL 1; kill -STOP 1; sleep 0.2; echo alive").stdoutUtf8(), is("alive\n"));
  }

  @Test
  void givenPipesOfACommand_thenNobodyInTheSandboxCanReadThem() {
    assertThat(sh("for f in /.sandbeam/f*; do : < $f && echo opened; done").stdoutUtf8(), is(""));
  }

  @Test
  void givenAnotherSandbox_thenItsControlDirectoryIsOutOfReach() {
    String other = local.create(LocalFixture.spec().build());

    assertThat(sh("ls -R / 2> /dev/null | grep -c " + other).stdoutUtf8(), is("0\n"));
  }

  @Test
  void givenTerminal_thenThereIsNone() {
    assertThat(sh("exec 3<> /dev/tty").exitCode(), is(not(0)));
  }
}
