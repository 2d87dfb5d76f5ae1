package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a caller may conclude from each failure: ask again or not, and whether something was done.
 */
class ExceptionsTest {
  static Stream<Arguments> table() {
    RequestId requestId = new RequestId("r");
    Throwable cause = new IllegalStateException("cause");
    return Stream.of(
        arguments(new SandboxException("m"), false, Effect.NONE),
        arguments(new SandboxAlreadyExistsException(requestId), false, Effect.NONE),
        arguments(new SandboxAuthenticationException("m", cause), false, Effect.NONE),
        arguments(new SandboxExecutionException(result(1, "")), false, Effect.NONE),
        arguments(
            new SandboxFileException(SandboxFileException.Reason.NOT_FOUND, "/f", "d"),
            false,
            Effect.NONE),
        arguments(new SandboxNotFoundException("id"), false, Effect.NONE),
        arguments(
            new SandboxNotRunningException("id", SandboxState.FAILED, "why"), true, Effect.UNKNOWN),
        arguments(new SandboxResourceExhaustedException("m", cause, null), true, Effect.NONE),
        arguments(new SandboxSealedException(Tag.job("a")), false, Effect.NONE),
        arguments(
            new SandboxSnapshotException(SandboxSnapshotException.Reason.THROTTLED, "m", cause),
            true,
            Effect.NONE),
        arguments(
            new SandboxSnapshotException(SandboxSnapshotException.Reason.NOT_FOUND, "m", cause),
            false,
            Effect.NONE),
        arguments(new SandboxTimeoutException("m", cause), true, Effect.UNKNOWN),
        arguments(
            new SandboxUnavailableException("m", cause, Effect.NONE, null), true, Effect.NONE),
        arguments(
            new SandboxUnavailableException("m", cause, Effect.UNKNOWN, null),
            true,
            Effect.UNKNOWN),
        arguments(new SandboxUnsupportedException("m"), false, Effect.NONE),
        arguments(new SandboxValidationException("f", "d"), false, Effect.NONE));
  }

  private static ExecResult result(int exitCode, String stderr) {
    return new ExecResult(
        List.of("grade", "--token=s3cret"),
        ExecOutcome.EXITED,
        exitCode,
        new ExecResult.Output(new byte[0], 0),
        new ExecResult.Output(stderr.getBytes(StandardCharsets.UTF_8), stderr.length()),
        Instant.EPOCH,
        Duration.ofMillis(5),
        0);
  }

  @ParameterizedTest
  @MethodSource("table")
  void givenFailure_thenRetryAndEffectAreAsTheTableSays(
      SandboxException failure, boolean retryable, Effect effect) {
    assertThat(failure.retryable(), is(retryable));
    assertThat(failure.effect(), is(effect));
  }

  @ParameterizedTest
  @MethodSource("table")
  void givenFailure_whenItTravels_thenItSaysTheSame(
      SandboxException failure, boolean retryable, Effect effect) {
    SandboxException copy = Serialized.copyOf(failure);

    assertThat(copy.getMessage(), is(failure.getMessage()));
    assertThat(copy.retryable(), is(retryable));
    assertThat(copy.effect(), is(effect));
    assertThat(copy.getClass(), is((Object) failure.getClass()));
  }

  @Test
  void givenRetryHint_thenItIsKept() {
    Duration hint = Duration.ofSeconds(3);

    assertThat(
        new SandboxUnavailableException("m", null, Effect.NONE, hint).retryAfter(),
        is(Optional.of(hint)));
    assertThat(new SandboxNotFoundException("id").retryAfter(), is(Optional.empty()));
  }

  @Test
  void givenValidationFailure_whenItTravels_thenViolationsAreEmptyAndNotNull() {
    SandboxValidationException failure = new SandboxValidationException("field", "wrong");

    assertThat(failure.violations().get(0).field(), is("field"));
    assertThat(Serialized.copyOf(failure).violations(), is(List.of()));
  }

  @Test
  void givenCommandThatFailed_whenThrown_thenProgramExitCodeAndLastErrorsAreSaidAndNoArgument() {
    String errors = "x".repeat(2000) + "\nthe last words\n";

    SandboxExecutionException failure = new SandboxExecutionException(result(9, errors));

    assertThat(failure.getMessage(), containsString("'grade'"));
    assertThat(failure.getMessage(), containsString("exit code 9"));
    assertThat(failure.getMessage(), containsString("the last words"));
    assertThat(failure.getMessage(), not(containsString("s3cret")));
    assertThat(failure.getMessage().length() < 700, is(true));
    assertThat(failure.result().exitCode(), is(9));
  }

  @Test
  void givenHostileId_whenNamedInAMessage_thenPrintableAndShort() {
    String message = new SandboxNotFoundException("\u001b[31m\n" + "a".repeat(5000)).getMessage();

    assertThat(message.chars().noneMatch(Character::isISOControl), is(true));
    assertThat(message.length() < 250, is(true));
  }

  @Test
  void givenUnknownScheme_whenOpened_thenTheMessageNamesTheAddressAndTheSchemesThereAre() {
    SandboxValidationException failure =
        assertThrows(SandboxValidationException.class, () -> SandboxServices.open("nosuch:thing"));

    assertThat(failure.getMessage(), containsString("'nosuch:thing'"));
    assertThat(failure.getMessage(), containsString("memory"));
    assertThat(failure.violations().get(0).field(), is("service"));
  }
}
