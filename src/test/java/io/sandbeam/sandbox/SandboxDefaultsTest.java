package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Network;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What sandboxes have in common, and how more is said about one of them. */
class SandboxDefaultsTest {
  private static final SandboxDefaults FULL =
      SandboxDefaults.builder()
          .image("python:3.11")
          .command("sleep", "1")
          .tags("one", "two")
          .env(Map.of("A", "1", "B", "2"))
          .resources(Resources.DEFAULT.withMemory(ByteSize.ofBytes(1024)))
          .network(Network.OPEN)
          .maxLifetime(Duration.ofMinutes(3))
          .workingDir("/tmp")
          .file("/a", new byte[] {1})
          .annotations(Map.of("x", "1"))
          .restoreFrom("snapshot")
          .startTimeout(Duration.ofSeconds(4))
          .stopGrace(Duration.ofSeconds(5))
          .build();

  @Test
  void givenNothing_thenTheSpecIsTheServicesDefaultWithTheProductTag() {
    assertThat(
        SandboxDefaults.none().toSpec(),
        is(SandboxSpec.builder().tags(List.of(Tag.PRODUCT)).build()));
    assertThat(SandboxDefaults.none().startTimeout(), is(Duration.ofMinutes(5)));
    assertThat(SandboxDefaults.none().stopOptions(), is(StopOptions.DEFAULT));
  }

  @Test
  void givenEmptyOverrides_thenNothingChanges() {
    SandboxDefaults merged = FULL.mergedWith(SandboxDefaults.none());

    assertThat(merged.toSpec(), is(FULL.toSpec()));
    assertThat(merged.startTimeout(), is(Duration.ofSeconds(4)));
    assertThat(merged.stopOptions().grace(), is(Duration.ofSeconds(5)));
  }

  @Test
  void givenOverrides_thenListsGrowMapsMergeAndValuesAreReplaced() {
    SandboxDefaults overrides =
        SandboxDefaults.builder()
            .image("other")
            .tags("two", "three")
            .env(Map.of("B", "9", "C", "3"))
            .resources(Resources.DEFAULT.withCpuMillis(500))
            .file("/b", new byte[] {2})
            .annotations(Map.of("x", "2"))
            .build();

    SandboxSpec spec = FULL.mergedWith(overrides).toSpec();

    assertThat(
        List.copyOf(spec.tags()),
        is(List.of(Tag.PRODUCT, Tag.of("one"), Tag.of("two"), Tag.of("three"))));
    assertThat(spec.env(), is(Map.of("A", "1", "B", "9", "C", "3")));
    assertThat(spec.annotations(), is(Map.of("x", "2")));
    assertThat(spec.files().keySet(), is(java.util.Set.of("/a", "/b")));
    assertThat(spec.image().orElseThrow(), is("other"));
    assertThat(spec.resources(), is(Resources.DEFAULT.withCpuMillis(500)));
    assertThat(spec.command(), is(List.of("sleep", "1")));
    assertThat(spec.network(), is(Network.OPEN));
    assertThat(spec.maxLifetime(), is(Duration.ofMinutes(3)));
    assertThat(FULL.toSpec().image().orElseThrow(), is("python:3.11"));
  }

  @Test
  void givenBadValues_thenTheyAreRefusedWhereTheyAreWritten() {
    assertThrows(
        SandboxValidationException.class, () -> SandboxDefaults.builder().tags("no spaces"));
    assertThrows(
        SandboxValidationException.class,
        () -> SandboxDefaults.builder().maxLifetime(Duration.ZERO).build());
    assertThrows(
        SandboxValidationException.class,
        () -> SandboxDefaults.builder().workingDir("relative").build());
    assertThrows(
        SandboxValidationException.class,
        () -> SandboxDefaults.builder().startTimeout(Duration.ZERO));
    assertThrows(
        SandboxValidationException.class,
        () -> SandboxDefaults.builder().stopGrace(Duration.ofSeconds(-1)));
  }

  @Test
  void givenSecretsInVariablesAndFiles_thenTheyAreNotPrinted() {
    SandboxDefaults defaults =
        SandboxDefaults.builder()
            .env(Map.of("TOKEN", "hunter2"))
            .file("/key", "hunter2".getBytes(java.nio.charset.StandardCharsets.UTF_8))
            .build();

    assertThat(defaults.toString(), containsString("TOKEN"));
    assertThat(defaults.toString(), not(containsString("hunter2")));
  }

  @Test
  void givenDefaultsThatTravel_thenTheyArriveWhole() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(FULL);
    }
    SandboxDefaults arrived;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      arrived = (SandboxDefaults) in.readObject();
    }

    assertThat(arrived.toSpec(), is(FULL.toSpec()));
    assertThat(arrived.startTimeout(), is(FULL.startTimeout()));
    assertThat(arrived.stopOptions(), is(FULL.stopOptions()));
  }
}
