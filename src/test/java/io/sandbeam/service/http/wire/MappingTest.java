package io.sandbeam.service.http.wire;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Effect;
import io.sandbeam.service.Network;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.SandboxUnsupportedException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the contract says survives the wire, there and back. */
class MappingTest {
  static Stream<SandboxSpec> specs() {
    return Stream.of(
        SandboxSpec.builder().tags("a").build(),
        SandboxSpec.builder().tags("untagged").network(Network.OPEN).build(),
        SandboxSpec.builder()
            .tags("job.x", "b")
            .image("image:1")
            .command(List.of("/bin/sh", "-c", "sleep 5"))
            .env(Map.of("A", "b"))
            .workingDir("/tmp")
            .resources(new Resources(1500, ByteSize.ofMebibytes(256), ByteSize.ofGibibytes(1), 64))
            .maxLifetime(Duration.ofMillis(1500))
            .file("/workspace/x", new byte[] {0, -1})
            .annotations(Map.of("owner", "me"))
            .restoreFrom("snap-1")
            .build());
  }

  private static V1.Sandbox overTheWire(V1.Sandbox sandbox) {
    return ProtoJson.readStrictly(ProtoJson.write(sandbox), V1.Sandbox.class, "sandbox");
  }

  @ParameterizedTest
  @MethodSource("specs")
  void givenSpec_whenSentToAServer_thenItIsEqual(SandboxSpec spec) {
    V1.Sandbox sent = V1.Sandbox.of(SpecMapping.toWire(spec));

    assertThat(SpecReader.strictly(overTheWire(sent).spec()), is(spec));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void givenInfo_whenAnswered_thenItIsEqual(SandboxSpec spec) {
    SandboxInfo info =
        new SandboxInfo(
            "id-1",
            spec,
            SandboxState.FAILED,
            "why",
            Instant.parse("2026-09-01T10:00:00.123456789Z"),
            Optional.of(Instant.parse("2026-09-01T10:00:01Z")),
            Optional.of(Instant.parse("2026-09-01T10:00:02.5Z")),
            OptionalInt.of(0),
            spec.maxLifetime(),
            "host-a",
            Map.of("memory", "cgroup v1, 256Mi"));

    V1.Sandbox answer = overTheWire(SandboxMapping.toWire(info));

    assertThat(SandboxMapping.fromWire(answer, Instant.EPOCH), is(info));
  }

  @Test
  void givenStrangeSandbox_whenReadTolerantly_thenWhatCanBeSaidIsSaid() {
    V1.Sandbox strange =
        ProtoJson.readTolerantly(
            ("{\"sandboxId\": \"x\", \"spec\": {\"tags\": [\"good\", \"not a tag\"],"
                    + " \"containers\": [{\"name\": \"web\", \"image\": \"\", \"workingDir\": \"rel\"}],"
                    + " \"maxLifetimeSeconds\": -4}}")
                .getBytes(StandardCharsets.UTF_8),
            V1.Sandbox.class);

    SandboxInfo info = SandboxMapping.fromWire(strange, Instant.EPOCH);

    assertThat(info.spec().tags(), is(Tag.setOf("good")));
    assertThat(info.state(), is(SandboxState.UNSPECIFIED));
    assertThat(info.isTerminal(), is(false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"initContainers\": [{\"name\": \"i\"}]",
        "\"services\": [{\"port\": 80}]",
        "\"runnerIds\": [\"r\"]",
        "\"mode\": \"SANDBOX_MODE_CKS\"",
        "\"runtimeClass\": \"gvisor\"",
        "\"volumes\": [{\"name\": \"data\", \"volumeId\": \"v\"}]",
        "\"network\": {\"egress\": [{\"dnsName\": \"example.org\"}]}"
      })
  void givenPublishedFeatureThatIsNotOffered_whenCreated_thenUnsupportedAndNotInvalid(
      String field) {
    String json =
        "{\"spec\": {\"containers\": [{\"name\": \"main\", \"image\": \"i\"}], " + field + "}}";
    V1.Sandbox sandbox =
        ProtoJson.readStrictly(json.getBytes(StandardCharsets.UTF_8), V1.Sandbox.class, "sandbox");

    assertThrows(SandboxUnsupportedException.class, () -> SpecReader.strictly(sandbox.spec()));
  }

  @Test
  void givenReservedAnnotation_whenSent_thenRefused() {
    SandboxSpec spec =
        SandboxSpec.builder().tags("a").annotations(Map.of("sandbeam.io/x", "y")).build();

    SandboxException refusal =
        assertThrows(SandboxValidationException.class, () -> SpecMapping.toWire(spec));

    assertThat(refusal.getMessage(), containsString("sandbeam.io/x"));
  }

  static Stream<SandboxException> failures() {
    Stream<SandboxException> files =
        Arrays.stream(SandboxFileException.Reason.values())
            .map(reason -> new SandboxFileException(reason, "/f", "detail"));
    Stream<SandboxException> snapshots =
        Arrays.stream(SandboxSnapshotException.Reason.values())
            .map(reason -> new SandboxSnapshotException(reason, "detail", null));
    Stream<SandboxException> others =
        Stream.of(
            new SandboxNotFoundException("id-1"),
            new SandboxNotRunningException("id-1", SandboxState.TERMINATED, "deleted"),
            new SandboxAlreadyExistsException(new RequestId("r")),
            new SandboxAuthenticationException("no", null),
            new SandboxValidationException("tags", "wrong"),
            new SandboxResourceExhaustedException("full", null, Duration.ofMillis(1500)),
            new SandboxUnavailableException("down", null, Effect.NONE, Duration.ofSeconds(2)),
            new SandboxUnavailableException("down", null, Effect.UNKNOWN, null),
            new SandboxTimeoutException("late", null),
            new SandboxUnsupportedException("not here"),
            new CommandTimeoutException("too long"),
            new SandboxException("something else"));
    return Stream.of(files, snapshots, others).flatMap(s -> s);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void givenFailure_whenTold_thenTheCallerHasTheSame(SandboxException failure) {
    RpcStatus told = ErrorMapping.toStatus(failure);
    RpcStatus heard = RpcStatusJson.read(RpcStatusJson.write(told), told.code().httpStatus());

    SandboxException again = new ErrorReading(ApiMethod.EXEC, "id-1", "").toException(heard);

    assertThat(again, is(instanceOf(failure.getClass())));
    assertThat(again.retryable(), is(failure.retryable()));
    assertThat(again.effect(), is(failure.effect()));
    assertThat(again.retryAfter(), is(failure.retryAfter()));
    if (failure instanceof SandboxFileException || failure instanceof SandboxNotRunningException) {
      assertThat(again.getMessage(), is(failure.getMessage()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"code\": \"not_found\", \"message\": \"gone\", \"details\": [{\"type\":"
            + " \"google.rpc.ErrorInfo\", \"value\": \"aGk\"}]}",
        "{\"code\": 5, \"message\": \"gone\"}",
        "{\"error\": {\"code\": 404, \"message\": \"gone\", \"status\": \"NOT_FOUND\"}}",
        "<html><body><h1>404 gone</h1></body></html>",
        "gone",
        ""
      })
  void givenErrorOfAnyShape_whenRead_thenItIsNotFound(String body) {
    RpcStatus status = RpcStatusJson.read(body.getBytes(StandardCharsets.UTF_8), 404);

    assertThat(
        new ErrorReading(ApiMethod.GET_SANDBOX, "id-1", "").toException(status),
        is(instanceOf(SandboxNotFoundException.class)));
  }

  @Test
  void givenABusySnapshotStore_whenTold_thenTheCallerHasItsHint() {
    RpcStatus told =
        ErrorMapping.toStatus(
            new SandboxSnapshotException(
                SandboxSnapshotException.Reason.THROTTLED, "busy", null, Duration.ofSeconds(4)));
    RpcStatus heard = RpcStatusJson.read(RpcStatusJson.write(told), told.code().httpStatus());

    SandboxException again =
        new ErrorReading(ApiMethod.GET_FILE_SYSTEM_SNAPSHOT, "id-1", "").toException(heard);

    assertThat(again.retryAfter(), is(Optional.of(Duration.ofSeconds(4))));
  }

  static Stream<Arguments> exhaustedAnswers() {
    String hint = "{'@type': 'google.rpc.RetryInfo', 'retryDelay': '1s'}";
    String reason =
        "{'@type': 'google.rpc.ErrorInfo', 'domain': 'cwsandbox.com', 'reason': 'CWSANDBOX_X_LIMIT'}";
    return Stream.of(
        arguments(429, "slow down", Effect.NONE),
        arguments(429, "{'code': 8, 'message': 'too many commands'}", Effect.NONE),
        arguments(500, "{'code': 8, 'message': 'm', 'details': [" + hint + "]}", Effect.NONE),
        arguments(503, "{'code': 8, 'message': 'm', 'details': [" + reason + "]}", Effect.NONE),
        arguments(500, "{'code': 8, 'message': 'stream buffer is full'}", Effect.UNKNOWN),
        arguments(
            429,
            "{'code': 8, 'message': 'grpc: received message larger than max (5 vs. 4)'}",
            Effect.UNKNOWN),
        arguments(
            429,
            "{'code': 8, 'message': 'gRPC message exceeds maximum size 4: 5'}",
            Effect.UNKNOWN));
  }

  @ParameterizedTest
  @MethodSource("exhaustedAnswers")
  void givenExhausted_whenItIsNotAQuotas_thenTheCommandMayHaveRun(
      int httpStatus, String body, Effect effect) {
    byte[] json = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    RpcStatus status = RpcStatusJson.read(json, httpStatus);

    SandboxException exec =
        new ErrorReading(ApiMethod.EXEC, "id-1", "").toException(status, httpStatus);
    SandboxException create =
        new ErrorReading(ApiMethod.CREATE_SANDBOX, "", "").toException(status, httpStatus);

    assertThat(exec.effect(), is(effect));
    assertThat(exec.retryable(), is(true));
    assertThat("has a request id", create, is(instanceOf(SandboxResourceExhaustedException.class)));
  }

  @Test
  void givenReasonOfAnotherDomain_whenRead_thenTheCodeDecides() {
    String body =
        "{\"code\": 14, \"message\": \"m\", \"details\": [{\"@type\":"
            + " \"type.googleapis.com/google.rpc.ErrorInfo\", \"reason\":"
            + " \"CWSANDBOX_SANDBOX_NOT_FOUND\", \"domain\": \"example.org\"}]}";

    RpcStatus status = RpcStatusJson.read(body.getBytes(StandardCharsets.UTF_8), 404);

    assertThat(status.reason(), is(""));
    assertThat(status.code(), is(RpcStatus.Code.UNAVAILABLE));
  }
}
