package io.sandbeam.service.local;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.Finding;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the service refuses, and with which words. */
class OpeningTest {
  private LocalFixture local;

  @BeforeEach
  void open() {
    local = new LocalFixture();
  }

  @AfterEach
  void leaveNothing() {
    local.close();
  }

  private static String refused(ServiceConfig config) {
    return assertThrows(SandboxException.class, () -> SandboxServices.open(config).close())
        .getMessage();
  }

  @Test
  void givenNoBubblewrap_thenTheMessageIsTheCommandToType() {
    String message = refused(local.config().withSetting("bwrap", "/no/such/bwrap"));

    assertThat(message, containsString("/no/such/bwrap"));
    assertThat(message, containsString("install"));
  }

  @Test
  void givenStateDirectoryThatIsALink_thenRefused() throws IOException {
    Path link = Files.createSymbolicLink(local.state.resolve("link"), Path.of("/tmp"));

    assertThat(
        refused(ServiceConfig.of("local").withSetting("state-dir", link.toString())),
        containsString("not safe"));
  }

  @Test
  void givenStateDirectoryThatOthersMayWrite_thenRefused() throws IOException {
    Path open = Files.createDirectory(local.state.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThat(
        refused(ServiceConfig.of("local").withSetting("state-dir", open.toString())),
        containsString("mode 777"));
  }

  @Test
  void givenUnknownSetting_thenRefusedWithThoseThereAre() {
    assertThat(
        refused(ServiceConfig.of("local").withSetting("proceses", "3")),
        containsString("processes"));
  }

  @Test
  void givenUnknownImage_thenTheMessageNamesTheAliasAndTheOtherServices() {
    SandboxException failure =
        assertThrows(
            SandboxValidationException.class,
            () ->
                LocalFixture.get(
                    local
                        .service()
                        .create(
                            LocalFixture.spec().image("python:3.11").build(), RequestId.mint())));

    assertThat(failure.getMessage(), containsString("--image=python:3.11=host"));
    assertThat(failure.getMessage(), containsString("docker"));
  }

  @Test
  void givenAliasAndDirectoryImage_thenItsFilesAreTheRoot() throws IOException {
    Path root = Files.createDirectory(local.state.resolve("image"));
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (String name : List.of("bin", "lib", "lib64")) {
      Files.createSymbolicLink(root.resolve(name), Path.of("usr", name));
    }
    Path marker = Files.writeString(root.resolve("marker"), "of the image");
    Files.setPosixFilePermissions(marker, PosixFilePermissions.fromString("rw-r--r--"));
    copyProgram(root, "/bin/sh", "usr/bin/sh");
    copyProgram(root, "/bin/cat", "usr/bin/cat");
    for (String line : lddOf("/bin/sh", "/bin/cat")) {
      copyProgram(root, line, "usr" + line.replaceFirst("^/usr", ""));
    }
    try (var service = SandboxServices.open(local.config().withImage("tiny:1", "dir:" + root))) {
      String id =
          LocalFixture.get(
                  service.create(LocalFixture.spec().image("tiny:1").build(), RequestId.mint()))
              .id();

      assertThat(
          LocalFixture.get(service.exec(id, io.sandbeam.service.ExecRequest.of("cat", "/marker")))
              .stdoutUtf8(),
          is("of the image"));
    }
  }

  private static void copyProgram(Path root, String from, String to) throws IOException {
    Path target = root.resolve(to);
    Files.createDirectories(target.getParent());
    Files.copy(Path.of(from).toRealPath(), target);
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static List<String> lddOf(String... programs) throws IOException {
    List<String> words = new ArrayList<>(List.of("ldd"));
    words.addAll(List.of(programs));
    Process ldd = new ProcessBuilder(words).start();
    return new String(ldd.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.replaceAll("^.*=>", "").trim().replaceAll(" \\(0x.*", ""))
        .filter(line -> line.startsWith("/") && !line.endsWith(":"))
        .distinct()
        .toList();
  }

  @Test
  void givenThisMachine_whenDiagnosed_thenNothingIsMissingAndEveryComplaintHasARemedy() {
    List<Finding> findings = new LocalServiceProvider().diagnose(local.config());

    assertThat(
        findings.stream().map(Finding::level).toList(), everyItem(not(Finding.Level.MISSING)));
    findings.stream()
        .filter(finding -> finding.level() == Finding.Level.WARNING)
        .forEach(finding -> assertThat(finding.remedy(), is(not(""))));
  }
}
