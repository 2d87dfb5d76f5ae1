package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

/** The requests refuse what cannot be meant, and say what they are without saying secrets. */
class ValuesTest {
  private static void refused(org.junit.jupiter.api.function.Executable executable) {
    assertThrows(SandboxValidationException.class, executable);
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = {" ", "\n"})
  void givenBlankRequestId_thenRefused(String blank) {
    refused(() -> new RequestId(blank));
  }

  @Test
  void givenRequestIdLength_thenItIsCountedInUtf8Bytes() {
    assertThat(new RequestId("ü".repeat(64)).value().length(), is(64));
    refused(() -> new RequestId("ü".repeat(64) + "x"));
  }

  @Test
  void givenMintedRequestIds_thenNoTwoAreEqual() {
    assertThat(
        IntStream.range(0, 10_000).mapToObj(i -> RequestId.mint()).distinct().count(), is(10_000L));
  }

  @Test
  void givenExecRequest_whenItCannotBeRun_thenRefused() {
    refused(() -> ExecRequest.of());
    refused(() -> ExecRequest.of(""));
    refused(() -> ExecRequest.of("sh", "a\0b"));
    refused(() -> ExecRequest.of("sh", null));
    refused(() -> ExecRequest.builder("sh").timeout(Duration.ZERO));
    refused(() -> ExecRequest.builder("sh").timeout(Duration.ofSeconds(-1)));
    refused(() -> ExecRequest.builder("sh").maxOutputBytes(-1));
    refused(() -> ExecRequest.builder("sh").cwd("relative"));
    refused(() -> ExecRequest.builder("sh").env("1A", "x"));
  }

  @Test
  void givenExecRequest_whenPrinted_thenOnlyTheProgramIsShown() {
    ExecRequest request =
        ExecRequest.builder("curl", "s3cret")
            .env("TOKEN", "s3cret")
            .stdin("s3cret".getBytes(StandardCharsets.UTF_8))
            .build();

    assertThat(request.toString(), containsString("curl"));
    assertThat(request.toString(), not(containsString("s3cret")));
  }

  @Test
  void givenExecRequest_whenWhatWentInOrCameOutIsChanged_thenItStays() {
    byte[] input = {1, 2};
    ExecRequest request = ExecRequest.builder("cat").stdin(input).build();

    input[0] = 9;
    request.stdin()[1] = 9;

    assertThat(request.stdin(), is(new byte[] {1, 2}));
  }

  @Test
  void givenPurge_whenItNamesNeitherTagsNorAllOrBoth_thenRefused() {
    refused(() -> PurgeRequest.tagged(List.of()));
    refused(() -> new PurgeRequest(Set.of(Tag.of("a")), PurgeRequest.Scope.ALL, DryRun.YES));
  }

  @Test
  void givenOtherRequestsOutsideTheirRange_thenRefused() {
    refused(() -> ListRequest.tagged(List.of()).withPageSize(-1));
    refused(() -> ListSnapshotsRequest.all().withPageSize(-1));
    refused(() -> DeleteRequest.of(" "));
    refused(() -> DeleteRequest.of("id").withGrace(Duration.ofMillis(-1)));
    refused(() -> new SnapshotRequest("", SandboxSpec.SCRATCH_VOLUME, RequestId.mint()));
    refused(() -> new SnapshotRequest("id", "", RequestId.mint()));
    refused(() -> Resources.DEFAULT.withCpuMillis(-1));
    refused(() -> Resources.DEFAULT.withProcesses(-1));
    refused(() -> ServiceConfig.of(" "));
  }

  @Test
  void givenServiceConfig_thenSchemeIsWhatIsBeforeTheColonAndCopiesAreIndependent() {
    ServiceConfig config = ServiceConfig.of("docker:unix:///run/docker.sock");

    assertThat(config.scheme(), is("docker"));
    assertThat(ServiceConfig.of("local").scheme(), is("local"));
    assertThat(config.withImage("a", "b").images(), is(Map.of("a", "b")));
    assertThat(config.withSetting("c", "d").settings(), is(Map.of("c", "d")));
    assertThat(config.images(), is(Map.of()));
  }

  @Test
  void givenLimits_whenNotSet_thenAbsent() {
    assertThat(Resources.DEFAULT.memory(), is(Optional.empty()));
    assertThat(
        Resources.DEFAULT.withMemory(ByteSize.parse("64Mi")).memory(),
        is(Optional.of(ByteSize.ofMebibytes(64))));
  }

  @Test
  void givenStates_thenExactlyThreeAreTerminalAndAnUnknownOneIsLive() {
    assertThat(
        Stream.of(SandboxState.values()).filter(SandboxState::isTerminal).toList(),
        is(List.of(SandboxState.COMPLETED, SandboxState.FAILED, SandboxState.TERMINATED)));
  }

  static Stream<Serializable> travellers() {
    return Stream.of(
        Tag.of("a"),
        ByteSize.ofMebibytes(5),
        RequestId.mint(),
        Resources.DEFAULT.withMemory(ByteSize.ofMebibytes(5)),
        Specs.whole(),
        ServiceConfig.of("local").withImage("a", "b").withSetting("c", "d"));
  }

  @ParameterizedTest
  @MethodSource("travellers")
  void givenValue_whenItTravels_thenEqual(Serializable value) {
    assertThat(Serialized.copyOf(value), is(value));
  }

  @Test
  void givenExecRequest_whenItTravels_thenEveryFieldArrives() {
    ExecRequest request =
        ExecRequest.builder("sh", "-c", "x")
            .stdin(new byte[] {0, -1})
            .env("A", "b")
            .cwd("/tmp")
            .timeout(Duration.ofSeconds(3))
            .maxOutputBytes(7)
            .check(OnFailure.THROW)
            .build();

    ExecRequest copy = Serialized.copyOf(request);

    assertThat(copy.command(), is(request.command()));
    assertThat(copy.stdin(), is(request.stdin()));
    assertThat(copy.env(), is(request.env()));
    assertThat(copy.cwd(), is(request.cwd()));
    assertThat(copy.timeout(), is(request.timeout()));
    assertThat(copy.maxOutputBytes(), is(request.maxOutputBytes()));
    assertThat(copy.onFailure(), is(request.onFailure()));
  }
}
