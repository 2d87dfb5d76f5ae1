package io.sandbeam.service.http.wire;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Network;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a spec changes of a template, and what comes of both. */
class OverridesMappingTest {
  private static final String TEMPLATE =
      """
      {"containers": [{"name": "app", "image": "graders:7", "resources": {"memory": "2Gi"}}],
       "primaryContainer": "app", "tags": ["theirs"], "annotations": {"team": "ml"},
       "network": {"egress": [{"any": true}]}, "maxLifetimeSeconds": 7200}
      """;

  private static SandboxSpec.Builder spec() {
    return SandboxSpec.builder().tags("job.a", "b");
  }

  private static SandboxSpec merged(SandboxSpec spec) {
    V1Spec.SandboxSpec template =
        ProtoJson.readStrictly(
            TEMPLATE.getBytes(StandardCharsets.UTF_8), V1Spec.SandboxSpec.class, "");
    V1Spec.PartialSandboxSpec overrides =
        ProtoJson.readStrictly(
            ProtoJson.write(OverridesMapping.toWire(spec, Optional.of("set:1"))),
            V1Spec.PartialSandboxSpec.class,
            "overrides");
    return SpecReader.strictly(TemplateMerge.merge(template, overrides), "overrides");
  }

  @Test
  void givenASpecThatAsksForNothing_thenTagsAndLifetimeAreSentAndNothingElse() {
    SandboxSpec spec = spec().maxLifetime(Duration.ofMillis(90_500)).build();

    String json =
        new String(
            ProtoJson.write(OverridesMapping.toWire(spec, Optional.empty())),
            StandardCharsets.UTF_8);

    assertThat(json, is("{\"maxLifetimeSeconds\":90,\"tags\":[\"job.a\",\"b\"]}"));
  }

  @Test
  void givenASpecThatAsksForNothing_thenTheRestIsTheTemplates() {
    SandboxSpec merged = merged(spec().build());

    assertThat(merged.image(), is(Optional.of("graders:7")));
    assertThat(merged.resources().memory(), is(Optional.of(ByteSize.parse("2Gi"))));
    assertThat(merged.network(), is(Network.OPEN));
    assertThat(merged.annotations().get("team"), is("ml"));
    assertThat(merged.maxLifetime(), is(SandboxSpec.DEFAULT_MAX_LIFETIME));
    assertThat(List.copyOf(merged.tags()), is(List.copyOf(spec().build().tags())));
  }

  static Stream<SandboxSpec> ofTheContainer() {
    Resources none = Resources.DEFAULT;
    return Stream.of(
        spec().command(List.of("sleep", "9")).build(),
        spec().env(Map.of("A", "b")).build(),
        spec().workingDir("/tmp").build(),
        spec().resources(none.withCpuMillis(500)).build(),
        spec().resources(none.withMemory(ByteSize.parse("1Gi"))).build(),
        spec().resources(none.withDisk(ByteSize.parse("1Gi"))).build(),
        spec().file("/workspace/x", new byte[] {1}).build(),
        spec().restoreFrom("snap-1").build());
  }

  @ParameterizedTest
  @MethodSource("ofTheContainer")
  void givenWhatBelongsToTheContainer_thenItNeedsAnImageAndReplacesAllOfIt(SandboxSpec spec) {
    SandboxValidationException refusal =
        assertThrows(
            SandboxValidationException.class,
            () -> OverridesMapping.toWire(spec, Optional.empty()));
    assertThat(
        refusal.getMessage(),
        allOf(containsString("No image is named"), containsString("--serviceSetting=image=NAME")));

    SandboxSpec merged = merged(spec);

    assertThat(merged.image(), is(Optional.of("set:1")));
    assertThat(merged.command(), is(spec.command()));
    assertThat(merged.env(), is(spec.env()));
    assertThat(merged.workingDir(), is(spec.workingDir()));
    assertThat(merged.resources(), is(spec.resources()));
    assertThat(merged.files().keySet(), is(spec.files().keySet()));
    assertThat(merged.restoreFrom(), is(spec.restoreFrom()));
  }

  @Test
  void givenAnImage_thenTheContainerStaysForCommands() {
    V1Spec.PartialSandboxSpec overrides =
        OverridesMapping.toWire(spec().image("mine:1").build(), Optional.of("set:1"));

    V1Spec.Container container = overrides.containers().get(0);
    assertThat(container.image(), is("mine:1"));
    assertThat(container.command(), is("/bin/sh"));
    assertThat(container.args(), is(SpecMapping.KEEP_ALIVE.subList(1, 3)));
    assertThat(overrides.primaryContainer(), is(container.name()));
    assertThat(overrides.volumes().get(0).name(), is(container.volumeMounts().get(0).volume()));
  }

  @Test
  void givenNetworkProcessesAndAnnotations_thenTheyNeedNoContainer() {
    SandboxSpec spec =
        spec()
            .network(Network.OPEN)
            .resources(Resources.DEFAULT.withProcesses(64))
            .annotations(Map.of("owner", "ci"))
            .build();

    V1Spec.PartialSandboxSpec overrides = OverridesMapping.toWire(spec, Optional.empty());

    assertThat(overrides.containers().isEmpty(), is(true));
    assertThat(overrides.network().egress().get(0).any(), is(true));
    assertThat(overrides.annotations().keySet().size(), is(2));
    SandboxSpec merged = merged(spec);
    assertThat(merged.resources().processes().getAsInt(), is(64));
    assertThat(merged.image(), is(Optional.of("graders:7")));
    assertThat("replaced", merged.annotations().get("team"), is(nullValue()));
  }

  @Test
  void givenAReservedAnnotation_thenRefused() {
    SandboxSpec spec = spec().annotations(Map.of("sandbeam.io/x", "y")).build();

    assertThrows(
        SandboxValidationException.class, () -> OverridesMapping.toWire(spec, Optional.empty()));
  }

  @Test
  void givenNoOverrides_thenTheTemplateAsItIs() {
    V1Spec.SandboxSpec template =
        ProtoJson.readStrictly(
            TEMPLATE.getBytes(StandardCharsets.UTF_8), V1Spec.SandboxSpec.class, "");

    assertThat(TemplateMerge.merge(template, null), is(template));
  }
}
