package io.sandbeam.service.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.Finding;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSettingsTest {
  private static final String SECRET = "s3cret-key-0123456789";

  @TempDir Path folder;

  private static HttpSettings settings(ServiceConfig config, String... environment) {
    return HttpSettings.of(
        config, environment.length == 0 ? Map.of() : Map.of(environment[0], environment[1]));
  }

  @ParameterizedTest
  @CsvSource({
    "https://host, https://host/",
    "https://host/, https://host/",
    "https://host:443, https://host/",
    "http://host:8080//, http://host:8080/",
    "https, https://api.cwsandbox.com/",
    "https://, https://api.cwsandbox.com/"
  })
  void givenAddress_whenRead_thenTheBaseUrlIsThat(String address, String url) {
    assertThat(settings(ServiceConfig.of(address)).baseUrl().toString(), is(url));
  }

  @Test
  void givenVariable_whenTheAddressNamesNoHost_thenTheVariableDoes() {
    HttpSettings settings =
        settings(ServiceConfig.of("https"), "CWSANDBOX_BASE_URL", " http://elsewhere:1234/ ");

    assertThat(settings.baseUrl().toString(), is("http://elsewhere:1234/"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://host/v1",
        "https://host?a=b",
        "https://host#x",
        "https://me:pass@host",
        "https://host:99999",
        "ftp://host"
      })
  void givenAddressWithMoreThanAHost_whenRead_thenRefused(String address) {
    SandboxException refusal =
        assertThrows(SandboxValidationException.class, () -> settings(ServiceConfig.of(address)));

    assertThat(refusal.getMessage(), not(containsString("pass@")));
  }

  @Test
  void givenKeyInTheEnvironment_whenShown_thenItIsNot() {
    HttpSettings settings = settings(ServiceConfig.of("https"), ApiKey.VARIABLE, SECRET);

    assertThat(settings.apiKey().orElseThrow().authorization(), is("Bearer " + SECRET));
    assertThat(settings.toString(), not(containsString(SECRET)));
  }

  @Test
  void givenKeyFile_whenRead_thenItBeatsTheEnvironment() throws IOException {
    Path file = Files.writeString(folder.resolve("key"), "of-the-file\n");
    ServiceConfig config = ServiceConfig.of("https").withSetting("apiKeyFile", file.toString());

    HttpSettings settings = settings(config, ApiKey.VARIABLE, SECRET);

    assertThat(settings.apiKey().orElseThrow().authorization(), is("Bearer of-the-file"));
  }

  @Test
  void givenKeyOfTwoWords_whenRead_thenTheRefusalDoesNotShowIt() {
    SandboxException refusal =
        assertThrows(
            SandboxValidationException.class,
            () -> settings(ServiceConfig.of("https"), ApiKey.VARIABLE, SECRET + " " + SECRET));

    assertThat(refusal.getMessage(), not(containsString(SECRET)));
  }

  @Test
  void givenKeyAsASetting_whenRead_thenRefusedBecauseSettingsTravel() {
    SandboxException refusal =
        assertThrows(
            SandboxValidationException.class,
            () -> settings(ServiceConfig.of("https").withSetting("apiKey", SECRET)));

    assertThat(refusal.getMessage(), containsString("apiKeyFile"));
    assertThat(refusal.getMessage(), not(containsString(SECRET)));
  }

  @ParameterizedTest
  @CsvSource({
    "concurrency, 0",
    "concurrency, many",
    "maxSandboxes, -1",
    "createRate, 0",
    "callTimeout, 0s",
    "callTimeout, soon",
    "template, ' '",
    "image, ''",
    "unknown, 1"
  })
  void givenBadSetting_whenRead_thenTheRefusalNamesIt(String name, String value) {
    SandboxException refusal =
        assertThrows(
            SandboxValidationException.class,
            () -> settings(ServiceConfig.of("https").withSetting(name, value)));

    assertThat(refusal.getMessage(), containsString(name));
  }

  @Test
  void givenNoAddressAndNoKey_whenDiagnosed_thenSaysHowToNameOneAndAsksNobody() {
    List<Finding> findings = new HttpServiceProvider(Map.of()).diagnose(ServiceConfig.of("https"));

    assertThat(findings, hasSize(1));
    assertThat(findings.get(0).level(), is(Finding.Level.MISSING));
    assertThat(findings.get(0).remedy(), containsString("--service=https://HOST"));
  }

  @Test
  void givenAServiceThatDoesNotAnswer_whenDiagnosed_thenTheCommandToTryNamesItsWholeAddress() {
    List<Finding> findings =
        new HttpServiceProvider(Map.of("CWSANDBOX_BASE_URL", "http://127.0.0.1:1"))
            .diagnose(ServiceConfig.of("http"));

    Finding last = findings.get(findings.size() - 1);
    assertThat(last.level(), is(Finding.Level.MISSING));
    assertThat(last.remedy(), containsString("'http://127.0.0.1:1/v1/sandboxes?pageSize=1'"));
  }
}
