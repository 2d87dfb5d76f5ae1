package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

abstract class GetContract extends ServiceContract {
  GetContract(ControlPlaneContract suite) {
    super(suite);
  }

  @Test
  void givenUnknownId_whenRead_thenNotFoundAndTheMessageNamesIt() {
    String unknown = UUID.randomUUID().toString();

    SandboxException failure = failure(SandboxNotFoundException.class, service.get(unknown));

    assertThat(failure.getMessage(), containsString(unknown));
    assertThat(failure.retryable(), is(false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "..",
        "../../etc/passwd",
        "/etc",
        "-rf",
        "a b",
        "a\nb",
        "ü-¼-✓",
        "%2e%2e",
        "*",
        "a?b=c#d",
        "00000000-0000-0000-0000-000000000000"
      })
  void givenMalformedId_whenRead_thenNotFoundOrRefused(String malformed) {
    SandboxException failure = failure(SandboxException.class, service.get(malformed));

    assertThat(
        failure,
        anyOf(
            instanceOf(SandboxNotFoundException.class),
            instanceOf(SandboxValidationException.class)));
  }

  @Test
  void givenVeryLongId_whenRead_thenNotFoundOrRefused() {
    SandboxException failure = failure(SandboxException.class, service.get("a".repeat(5000)));

    assertThat(
        failure,
        anyOf(
            instanceOf(SandboxNotFoundException.class),
            instanceOf(SandboxValidationException.class)));
  }

  @Test
  void givenEndedSandbox_whenRead_thenItsRecordIsStillThere() {
    SandboxSpec spec = spec().tags("kept").build();
    String id = running(spec);

    SandboxInfo info = deleteAndAwait(id);

    assertThat(info.id(), is(id));
    assertThat(info.spec(), is(spec));
    assertThat(info.endTime().orElseThrow(), is(greaterThanOrEqualTo(info.createTime())));
    assertThat(get(id), is(info));
  }

  @Test
  void givenAnotherClient_whenRead_thenSameSandbox() {
    String id = running();

    SandboxInfo seen = join(anotherClient().get(id));

    assertThat(seen, is(get(id)));
  }
}
