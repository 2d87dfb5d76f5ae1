package io.sandbeam.server;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.sandbeam.service.ExecResult;
import io.sandbeam.testing.FaultySandboxService;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/**
 * The page, in a real browser. What it looked like is kept in {@code target/screenshots}. It needs
 * Chromium and its driver, which {@code scripts/test} installs.
 */
class PageTest {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");
  @TempDir static Path profile;
  @TempDir Path folder;
  private static ChromeDriver browser;

  @BeforeAll
  static void startBrowser() {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(program("chromium", "chromium-browser").toFile());
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--user-data-dir=" + profile);
    browser =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(program("chromedriver").toFile())
                .usingAnyFreePort()
                .build(),
            options);
    browser.manage().window().setSize(new Dimension(1280, 900));
  }

  /** The first of some names on the path. */
  private static Path program(String... names) {
    for (String name : names) {
      for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
        if (Files.isExecutable(Path.of(folder, name))) {
          return Path.of(folder, name);
        }
      }
    }
    throw new AssertionError("No " + names[0] + " on the path; type: scripts/test");
  }

  @AfterAll
  static void stopBrowser() {
    if (browser != null) {
      browser.quit();
    }
  }

  @Test
  void givenAToken_thenThePageShowsTheCallersSandboxesByJobAndSweepsThemAfterADryRun()
      throws IOException {
    try (TestServer server =
        TestServer.withTokens(folder.resolve("t"), b -> b, "alice", "bob", "root")) {
      populate(server);
      browser.get(server.uri("/").toString());
      await().until(() -> visible("login"));
      screenshot("login");

      type("token", "wrong");
      press("#login button");
      await().until(() -> text("login-error").contains("does not know"));

      type("token", server.token("alice"));
      press("#login button");
      await().until(() -> rows() == 6);
      String page = text("rows");
      assertThat(page, containsString("nightly-k3v9x2qa"));
      assertThat(page, containsString("grade-2f"));
      assertThat(page, containsString("python3"));
      assertThat("arguments may be secret", page, not(containsString("secret")));
      assertThat("bob's stay bob's", page, not(containsString("bobs-job")));
      screenshot("sandboxes");

      press("[data-tag='step.Grade']");
      await().until(() -> rows() == 3);
      press("[data-untag='step.Grade']");
      await().until(() -> rows() == 6);

      press("[data-sweep='job.nightly-k3v9x2qa']");
      await().until(() -> visible("confirm"));
      assertThat(text("confirm-text"), containsString("Dry run: 3 sandboxes"));
      assertThat("nothing ended yet", server.service.live().size(), is(7));
      screenshot("dry-run");
      press("#confirm-go");
      await().until(() -> text("status").contains("3 sandboxes ended"));
      assertThat(server.service.live().size(), is(4));
      screenshot("swept");

      press("#logout");
      await().until(() -> visible("login"));
      assertThat(browser.executeScript("return Object.keys(sessionStorage).length"), is(0L));
      assertThat("no cookie", browser.manage().getCookies(), is(empty()));
    }
  }

  @Test
  void givenAnAdmin_thenThePageShowsAllWithTheirOwners() throws IOException {
    try (TestServer server =
        TestServer.withTokens(folder.resolve("t"), b -> b, "alice", "bob", "root")) {
      populate(server);
      browser.get(server.uri("/").toString());
      await().until(() -> visible("login"));
      type("token", server.token("root"));
      press("#login button");
      await().until(() -> rows() == 8);
      assertThat(text("rows"), containsString("bob"));
      screenshot("admin");
    }
  }

  @Test
  void givenTextThatLooksLikeMarkup_thenItIsShownAsText() {
    FaultySandboxService service = FaultySandboxService.inMemory();
    service.answering(PageTest::exitZero);
    try (TestServer server = TestServer.open(service, b -> b)) {
      String id = server.create("", "job.x");
      server
          .post(
              "/v1/sandboxes/" + id + ":exec", "{\"command\": [\"<img src=x onerror=alert(1)>\"]}")
          .expect(200);
      service.crash(id, "<script>alert('boom')</script> & \"quoted\"");
      String html = server.get("/page/sandboxes?ended=true").expect(200).body();
      assertThat(html, not(containsString("<script")));
      assertThat(html, not(containsString("<img")));
      assertThat(
          html,
          containsString(
              "&lt;script&gt;alert(&#39;boom&#39;)&lt;/script&gt; &amp; &quot;quoted&quot;"));
      String policy =
          server
              .get("/")
              .expect(200)
              .response()
              .headers()
              .firstValue("Content-Security-Policy")
              .orElse("");
      assertThat(policy, containsString("default-src 'none'"));
      assertThat(policy, not(containsString("unsafe")));
    }
  }

  @Test
  void givenAPageOfAnotherSite_thenItCanNeitherReadNorSweep() {
    try (TestServer server = TestServer.open()) {
      server.create("", "a");
      for (String[] header :
          List.of(
              new String[] {"Origin", "http://evil.example"},
              new String[] {"Origin", "null"},
              new String[] {"Sec-Fetch-Site", "cross-site"},
              new String[] {"Sec-Fetch-Site", "same-site"})) {
        TestServer.Answer answer =
            server.send(
                HttpRequest.newBuilder(server.uri("/v1/sandboxes:purge"))
                    .header("Content-Type", "application/json")
                    .header(header[0], header[1])
                    .POST(HttpRequest.BodyPublishers.ofString("{\"purgeAll\": true}")));
        assertThat(answer.expect(403).code(), is(7));
      }
      assertThat(server.service.live().size(), is(1));
    }
  }

  @Test
  void givenANameThatWasReboundToThisMachine_thenAServerWithoutTokensDoesNotAnswerToIt()
      throws IOException {
    try (TestServer server = TestServer.open();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.server.port())) {
      String request =
          "GET /v1/sandboxes HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      String answer =
          new String(
              socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(answer, containsString("403 Forbidden"));
    }
  }

  private static void populate(TestServer server) {
    server.service.answering(PageTest::exitZero);
    for (int i = 0; i < 3; i++) {
      String id =
          server.create(
              "alice", "sandbeam", "job.nightly-k3v9x2qa", "step.Grade", "worker.host-a-" + i);
      server
          .call(
              "alice",
              "POST",
              "/v1/sandboxes/" + id + ":exec",
              "{\"command\": [\"/usr/bin/python3\", \"-c\", \"secret\"]}")
          .expect(200);
    }
    server.create("alice", "sandbeam", "job.grade-2f", "step.Convert");
    server.create("alice", "sandbeam", "job.grade-2f", "step.Convert");
    server.create("alice", "by-hand");
    server.create("bob", "sandbeam", "job.bobs-job");
    String ended = server.create("bob", "sandbeam", "job.bobs-job");
    server.call("bob", "DELETE", "/v1/sandboxes/" + ended, null).expect(200);
  }

  private static ExecResult exitZero(io.sandbeam.service.ExecRequest request) {
    return new ExecResult(
        request.command(),
        io.sandbeam.service.ExecOutcome.EXITED,
        0,
        new ExecResult.Output(new byte[0], 0),
        new ExecResult.Output(new byte[0], 0),
        java.time.Instant.EPOCH,
        Duration.ZERO,
        0);
  }

  private static int rows() {
    return browser.findElements(By.cssSelector("#rows tr[data-id]")).size();
  }

  private static boolean visible(String id) {
    return browser.findElement(By.id(id)).isDisplayed();
  }

  private static String text(String id) {
    return browser.findElement(By.id(id)).getText();
  }

  private static void type(String id, String text) {
    WebElement field = browser.findElement(By.id(id));
    field.clear();
    field.sendKeys(text);
  }

  private static void press(String selector) {
    browser.findElement(By.cssSelector(selector)).click();
  }

  private static void screenshot(String name) throws IOException {
    Files.createDirectories(SCREENSHOTS);
    Files.write(
        SCREENSHOTS.resolve("page-" + name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
  }
}
