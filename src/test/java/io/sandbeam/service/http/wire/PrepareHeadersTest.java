package io.sandbeam.service.http.wire;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxValidationException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of images in a header, and back. */
class PrepareHeadersTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"python:3.11", "default", "host:5000/a/b@sha256:0f", "dir:/ä b", "100%", "a\r\nb"})
  void givenAnImage_thenItComesBackAsItWasAndItsHeaderIsVisibleAscii(String image) {
    String header = PrepareHeaders.write(Optional.of(image)).orElseThrow();

    assertThat(header.chars().allMatch(c -> c > ' ' && c < 127), is(true));
    assertThat(PrepareHeaders.read(header), is(Optional.of(image)));
  }

  @Test
  void givenAnOrdinaryName_thenItIsReadable() {
    assertThat(
        PrepareHeaders.write(Optional.of("host:5000/a@sha256:0f")),
        is(Optional.of("image=host:5000/a@sha256:0f")));
  }

  @Test
  void givenNoImage_thenItComesBackAsNone() {
    String header = PrepareHeaders.write(Optional.empty()).orElseThrow();

    assertThat(PrepareHeaders.read(header), is(Optional.empty()));
  }

  @Test
  void givenANameThatNoHeaderHolds_thenThereIsNone() {
    assertThat(PrepareHeaders.write(Optional.of("ä".repeat(2000))), is(Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "image=", "python", "image=a b", "image=ä", "image=%", "image=%FF"})
  void givenAnythingElse_thenItIsRefusedWithTheRule(String header) {
    SandboxValidationException refusal =
        assertThrows(SandboxValidationException.class, () -> PrepareHeaders.read(header));

    assertThat(refusal.violations().get(0).field(), is(PrepareHeaders.NAME));
    assertThat(refusal.getMessage(), containsString("'image='"));
  }
}
