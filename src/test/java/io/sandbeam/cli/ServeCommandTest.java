package io.sandbeam.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code serve} as a process of its own, over real sandboxes, and {@code token}. */
class ServeCommandTest {
  private static final String SPEC =
      "{\"spec\": {\"containers\": [{\"name\": \"main\", \"image\": \"host\"}], \"tags\": [\"served\"]}}";
  @TempDir Path folder;

  @Test
  void givenTermination_thenTheServerEndsItsSandboxesAndItself() throws Exception {
    Path tokens = folder.resolve("tokens");
    Launcher minted = Launcher.run("token", "--file=" + tokens, "alice");
    assertThat(minted.status(), is(0));
    String token = minted.out().strip();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djdk.lang.Process.launchMechanism=VFORK",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve",
                "--service=local",
                "--port=0",
                "--token-file=" + tokens,
                "--state=" + folder.resolve("state"))
            .redirectError(folder.resolve("err").toFile())
            .start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String address = out.readLine();
      assertThat(errors(), address, startsWith("http://127.0.0.1:"));
      HttpResponse<String> created = post(address + "/v1/sandboxes", token, SPEC);
      assertThat(created.body(), created.statusCode(), is(200));
      String id = created.body().replaceAll(".*\"sandboxId\":\"([^\"]+)\".*", "$1");
      HttpResponse<String> exec =
          post(
              address + "/v1/sandboxes/" + id + ":exec",
              token,
              "{\"command\": [\"/bin/sh\", \"-c\", \"printf hi\"]}");
      assertThat(exec.body(), containsString("\"stdout\":\"aGk=\""));
      long descendants = process.descendants().count();
      assertTrue(descendants > 0, "the sandbox is a process of the server");
      List<ProcessHandle> inside = process.descendants().toList();
      // SIGTERM, as systemd and Kubernetes send it.
      process.destroy();
      assertTrue(process.waitFor(60, SECONDS), "the server did not end");
      assertThat(process.exitValue(), equalTo(143));
      assertThat(errors(), containsString("nothing is left"));
      // A killed process is there until its parent, or the system in its place, has taken note.
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> inside.stream().noneMatch(ProcessHandle::isAlive));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void givenNoTokenFileAndAnOpenAddress_thenItSaysWhatToDo() {
    Launcher launcher =
        Launcher.run("serve", "--service=local", "--host=0.0.0.0", "--port=0", "--state=" + folder);
    assertThat(launcher.status(), equalTo(3));
    assertThat(launcher.err(), containsString("sandbeam token"));
  }

  @ParameterizedTest
  @CsvSource({
    "--port=65536, 2, ports are 1 to 65535",
    "--port=-1, 2, ports are 1 to 65535",
    "--max-sandboxes=0, 2, 'sandboxes ''0'': it must be at least one'",
    "--max-requests=NaN, 2, it must be above zero",
    "--max-lifetime=0s, 2, lifetime",
    "--tls-cert=/none --tls-key=/none, 3, sandbeam: Cannot use the certificate '/none'",
    "--token-file=/none, 3, sandbeam token",
    "--templates=/none, 3, Cannot read the templates file '/none'",
    "--access-log=/proc/none/log, 3, access log"
  })
  void givenAWrongValue_thenItSaysWhichAndListensNowhere(String args, int status, String said) {
    List<String> all = new ArrayList<>(List.of("serve", "--service=local", "--state=" + folder));
    all.addAll(List.of(args.split(" ")));

    Launcher launcher = Launcher.run(all.toArray(String[]::new));

    assertThat(launcher.err(), launcher.status(), is(status));
    assertThat(launcher.err(), containsString(said));
    assertThat(launcher.err(), not(containsString("\tat ")));
  }

  @Test
  void givenAPortThatIsTaken_thenItSaysSoOnceAndTheFolderIsFreeForTheNext() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < 2; i++) {
        Launcher launcher =
            Launcher.run(
                "serve",
                "--service=local",
                "--port=" + taken.getLocalPort(),
                "--state=" + folder.resolve("state"));

        assertThat(launcher.status(), is(3));
        assertThat(launcher.err().lines().toList(), hasSize(1));
        assertThat(launcher.err(), containsString("already in use; another port"));
      }
    }
  }

  @Test
  void givenACertificateWithoutItsKey_thenTheUsageIsWrong() {
    assertThat(Launcher.run("serve", "--tls-cert=a").status(), equalTo(2));
  }

  @Test
  void givenABadName_thenNoTokenIsMade() {
    Launcher launcher = Launcher.run("token", "--file=" + folder.resolve("tokens"), "a b");
    assertThat(launcher.status(), equalTo(2));
    assertThat(Files.exists(folder.resolve("tokens")), is(false));
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("err"));
  }

  private static HttpResponse<String> post(String address, String token, String body)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(address))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
