package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerSettingsTest {
  private static DockerSettings of(ServiceConfig config) {
    return DockerSettings.of(config, Map.of());
  }

  @Test
  void givenNothing_thenTheDefaultsAreSafe() {
    DockerSettings settings = of(ServiceConfig.of("docker"));

    assertThat(settings.host(), is(Optional.empty()));
    assertThat(settings.pull(), is(DockerSettings.Pull.MISSING));
    assertThat(settings.user(), is(Optional.of("1000:1000")));
    assertThat(settings.memory(), is(Optional.of(ByteSize.ofGibibytes(2))));
    assertThat(settings.processes(), is(1024));
    assertThat(settings.workspaceSize(), is(ByteSize.ofGibibytes(1)));
  }

  @Test
  void givenEverySetting_thenItIsRead() {
    DockerSettings settings =
        of(
            ServiceConfig.of("docker:tcp://build.example:2376")
                .withSetting("image", "alpine:3")
                .withSetting("pull", "always")
                .withSetting("runtime", "runsc")
                .withSetting("user", "image")
                .withSetting("network", "mine")
                .withSetting("localhost", "never")
                .withSetting("memory", "none")
                .withSetting("processes", "7")
                .withSetting("cpu", "500m")
                .withSetting("workspaceSize", "5Mi")
                .withSetting("tmpSize", "6Mi")
                .withSetting("maxSandboxes", "8")
                .withSetting("starts", "9")
                .withSetting("terminatedRetention", "90s")
                .withSetting("terminatedCount", "10")
                .withSetting("snapshotSize", "11Mi"));

    assertThat(settings.host(), is(Optional.of(URI.create("tcp://build.example:2376"))));
    assertThat(settings.image(), is("alpine:3"));
    assertThat(settings.pull(), is(DockerSettings.Pull.ALWAYS));
    assertThat(settings.runtime(), is(Optional.of("runsc")));
    assertThat(settings.user(), is(Optional.empty()));
    assertThat(settings.network(), is("mine"));
    assertThat(settings.localhost(), is(DockerSettings.Localhost.NEVER));
    assertThat(settings.memory(), is(Optional.empty()));
    assertThat(settings.processes(), is(7));
    assertThat(settings.cpuMillis(), is(500));
    assertThat(settings.workspaceSize(), is(ByteSize.ofMebibytes(5)));
    assertThat(settings.tmpSize(), is(ByteSize.ofMebibytes(6)));
    assertThat(settings.maxSandboxes(), is(8));
    assertThat(settings.starts(), is(9));
    assertThat(settings.terminatedRetention(), is(Duration.ofSeconds(90)));
    assertThat(settings.terminatedCount(), is(10));
    assertThat(settings.snapshotSize(), is(ByteSize.ofMebibytes(11)));
  }

  @ParameterizedTest
  @CsvSource({
    "pull, sometimes, missing",
    "user, root, uid:gid",
    "processes, 0, above 0",
    "processes, many, whole number",
    "cpu, fast, cores",
    "memory, lots, Invalid size",
    "localhost, yes, always",
    "terminatedRetention, soon, 30s",
    "speed, 1, Unknown setting"
  })
  void givenWrongValue_thenTheMessageNamesItAndTheRule(String name, String value, String rule) {
    SandboxValidationException e =
        assertThrows(
            SandboxValidationException.class,
            () -> of(ServiceConfig.of("docker").withSetting(name, value)));

    assertThat(e.getMessage(), containsString(rule));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker:",
        "docker:/run/docker.sock",
        "docker:unix://",
        "docker:tcp://x",
        "docker:ssh://me@x",
        "docker: "
      })
  void givenWrongAddress_thenTheMessageShowsRightOnes(String address) {
    SandboxValidationException e =
        assertThrows(SandboxValidationException.class, () -> of(ServiceConfig.of(address)));

    assertThat(
        e.getMessage(),
        allOf(containsString(address), containsString("docker:unix:///run/docker.sock")));
  }

  private static String hostBy(Map<String, String> environment) {
    DockerSettings settings = DockerSettings.of(ServiceConfig.of("docker"), environment);
    return EngineConfig.of(settings).getDockerHost().toString();
  }

  @Test
  void givenContext_thenItsEngineIsMeantUnlessOneIsNamed(@TempDir Path folder)
      throws IOException, NoSuchAlgorithmException {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest("far".getBytes(StandardCharsets.UTF_8));
    Path meta =
        Files.createDirectories(
            folder.resolve("contexts").resolve("meta").resolve(HexFormat.of().formatHex(hash)));
    Files.writeString(
        meta.resolve("meta.json"),
        "{\"Name\":\"far\",\"Metadata\":{},"
            + "\"Endpoints\":{\"docker\":{\"Host\":\"tcp://127.0.0.1:7\",\"SkipTLSVerify\":false}}}");
    String config = folder.toString();

    assertThat(
        hostBy(Map.of("DOCKER_CONFIG", config, "DOCKER_CONTEXT", "far")), is("tcp://127.0.0.1:7"));
    assertThat(
        hostBy(
            Map.of(
                "DOCKER_CONFIG", config,
                "DOCKER_CONTEXT", "far",
                "DOCKER_HOST", "tcp://127.0.0.1:8")),
        is("tcp://127.0.0.1:8"));
  }

  @Test
  void givenTheReadme_thenItNamesEverySetting() throws IOException {
    String readme = Files.readString(Path.of("README.md"));

    for (String name : DockerSettings.NAMES) {
      assertThat(readme, containsString("`" + name + "`"));
    }
  }
}
