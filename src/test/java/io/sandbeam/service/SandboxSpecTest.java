package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxSpecTest {
  private static SandboxSpec.Builder tagged() {
    return SandboxSpec.builder().tags("a");
  }

  private static String refusal(UnaryOperator<SandboxSpec.Builder> change) {
    return assertThrows(SandboxValidationException.class, () -> change.apply(tagged()).build())
        .getMessage();
  }

  @Test
  void givenNoTag_whenBuilt_thenRefused() {
    SandboxValidationException failure =
        assertThrows(SandboxValidationException.class, () -> SandboxSpec.builder().build());

    assertThat(failure.getMessage(), containsString("at least one tag"));
    assertThat(failure.violations().get(0).field(), is("tags"));
  }

  @Test
  void givenOnlyATag_whenBuilt_thenDefaultsAreSafe() {
    SandboxSpec spec = tagged().build();

    assertThat(spec.image(), is(Optional.empty()));
    assertThat(spec.command(), is(List.of()));
    assertThat(spec.network(), is(Network.NONE));
    assertThat(spec.workingDir(), is("/workspace"));
    assertThat(spec.maxLifetime(), is(Duration.ofMinutes(10)));
    assertThat(spec.resources(), is(Resources.DEFAULT));
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = {" ", "\t", "a\0b"})
  void givenBlankImageOrSnapshot_thenRefused(String blank) {
    assertThat(refusal(spec -> spec.image(blank)), containsString("image"));
    assertThat(refusal(spec -> spec.restoreFrom(blank)), containsString("restoreFrom"));
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = {"relative", "./a", "/", "/a\0b"})
  void givenPathThatIsNotAbsolute_thenRefused(String path) {
    refusal(spec -> spec.workingDir(path));
    refusal(spec -> spec.file(path, new byte[0]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1A", "A B", "A=B", "A-B", "Ä", "A\n"})
  void givenVariableNameThatShellsCannotHold_thenRefused(String name) {
    assertThat(refusal(spec -> spec.env(Map.of(name, "x"))), containsString("variable name"));
  }

  @Test
  void givenSecretValueWithNul_thenRefusedWithoutTheSecret() {
    String refusal = refusal(spec -> spec.env(Map.of("PASSWORD", "hush\0hush")));

    assertThat(refusal, containsString("PASSWORD"));
    assertThat(refusal, not(containsString("hush")));
  }

  @Test
  void givenCommandWithEmptyProgramOrNul_thenRefused() {
    refusal(spec -> spec.command(List.of("")));
    String refusal = refusal(spec -> spec.command(List.of("sh", "hush\0hush")));
    assertThat(refusal, containsString("command[1]"));
    assertThat(refusal, not(containsString("hush")));
  }

  @Test
  void givenLifetimeOutsideItsRange_thenRefused() {
    refusal(spec -> spec.maxLifetime(Duration.ZERO));
    refusal(spec -> spec.maxLifetime(Duration.ofSeconds(-1)));
    refusal(spec -> spec.maxLifetime(null));
    assertThat(
        refusal(spec -> spec.maxLifetime(Duration.ofDays(30).plusSeconds(1))),
        containsString("30 days"));
    assertThat(
        tagged().maxLifetime(Duration.ofDays(30)).build().maxLifetime(), is(Duration.ofDays(30)));
  }

  @Test
  void givenSpec_whenPrinted_thenNoSecretIsShown() {
    SandboxSpec spec =
        tagged()
            .env(Map.of("TOKEN", "s3cret-value"))
            .command(List.of("login", "--password=s3cret-value"))
            .annotations(Map.of("note", "s3cret-value"))
            .file(
                "/workspace/key", "s3cret-value".getBytes(java.nio.charset.StandardCharsets.UTF_8))
            .build();

    assertThat(spec.toString(), not(containsString("s3cret-value")));
    assertThat(spec.toString(), containsString("TOKEN"));
    assertThat(spec.toString(), containsString("/workspace/key"));
  }

  @Test
  void givenSpec_whenWhatWentInOrCameOutIsChanged_thenTheSpecStays() {
    byte[] content = {1, 2};
    SandboxSpec spec = tagged().file("/workspace/file", content).build();

    content[0] = 9;
    spec.files().get("/workspace/file")[1] = 9;
    spec.files().clear();

    assertThat(spec.files().get("/workspace/file"), is(new byte[] {1, 2}));
    assertThrows(UnsupportedOperationException.class, () -> spec.env().put("A", "b"));
    assertThrows(UnsupportedOperationException.class, () -> spec.tags().clear());
  }

  @Test
  void givenSpec_whenBuiltAgainFromItself_thenEqual() {
    SandboxSpec spec = Specs.whole();

    assertThat(spec.toBuilder().build(), is(spec));
    assertThat(spec.toBuilder().build().hashCode(), is(spec.hashCode()));
  }

  @Test
  void givenOneDifference_thenNotEqual() {
    SandboxSpec spec = Specs.whole();

    List<UnaryOperator<SandboxSpec.Builder>> changes =
        List.of(
            b -> b.image("other"),
            b -> b.command(List.of("other")),
            b -> b.env(Map.of("OTHER", "x")),
            b -> b.workingDir("/other"),
            b -> b.resources(Resources.DEFAULT.withCpuMillis(7)),
            b -> b.network(Network.NONE),
            b -> b.maxLifetime(Duration.ofSeconds(7)),
            b -> b.file("/workspace/file", new byte[] {7}),
            b -> b.file("/other", new byte[0]),
            b -> b.tags("other"),
            b -> b.annotations(Map.of("other", "x")),
            b -> b.restoreFrom("other"));

    changes.forEach(change -> assertThat(change.apply(spec.toBuilder()).build(), is(not(spec))));
  }
}
