package io.sandbeam.service.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.exception.BadRequestException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.InternalServerErrorException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.UnauthorizedException;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.leased.CallFailures;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Locale;

/** Translates what a call of the engine fails with. */
final class EngineFailure {
  static final CallFailures CALLS = new CallFailures("docker");

  private static final int SHOWN = 400;
  private static final ObjectMapper JSON = new ObjectMapper();

  private EngineFailure() {}

  /**
   * @param effect of a call that may have been carried out; one that could not connect was not, and
   *     one that the engine refused was not either
   */
  static SandboxException of(Engine engine, String what, RuntimeException e, Effect effect) {
    String message = "Engine " + engine.address() + " did not " + what + ": " + reason(e);
    if (e instanceof UnauthorizedException) {
      return new SandboxAuthenticationException(message, e);
    }
    if (e instanceof BadRequestException || isMissing(e) || cannotRun(e)) {
      return validation(message, e);
    }
    if (e instanceof DockerException answer) {
      String said = reason(e);
      if (said.contains("no space left") || said.contains("cannot allocate memory")) {
        return new SandboxResourceExhaustedException(message, e, Duration.ofSeconds(5));
      }
      // What the engine said no to, it did not do; a proxy before it may have given up waiting.
      Effect done = answer.getHttpStatus() > 500 ? effect : Effect.NONE;
      return new SandboxUnavailableException(message, e, done, null);
    }
    Throwable root = root(e);
    if (root instanceof InterruptedIOException) {
      return new SandboxTimeoutException(message, e);
    }
    if (root instanceof ConnectException || refused(root)) {
      return new SandboxUnavailableException(
          "Engine " + engine.address() + " is not there: " + reason(e), e, Effect.NONE, null);
    }
    return new SandboxUnavailableException(message, e, effect, null);
  }

  static SandboxException ofConfig(RuntimeException e) {
    return validation("The engine cannot be found: " + reason(e), e);
  }

  /** What a call of ours ends with. */
  static SandboxException asSandboxException(Throwable failure) {
    return CALLS.of(failure);
  }

  private static SandboxException validation(String message, RuntimeException e) {
    SandboxException failure = new SandboxValidationException("container", message);
    failure.initCause(e);
    return failure;
  }

  /** A Unix socket that is not there, or that nobody listens at. */
  private static boolean refused(Throwable root) {
    return root instanceof java.net.SocketException
        && String.valueOf(root.getMessage()).matches("(?i).*(no such file|refused|permission).*");
  }

  /** What the engine itself says, without the JSON around it. */
  static String reason(Throwable e) {
    Throwable root = e instanceof DockerException ? e : root(e);
    String text = String.valueOf(root.getMessage()).strip();
    text = message(text.replaceFirst("(?s)^Status \\d+: ", "")).replace('\n', ' ').strip();
    if (text.isEmpty() || text.equals("null")) {
      text = root.getClass().getSimpleName();
    }
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
  }

  private static String message(String text) {
    if (!text.startsWith("{")) {
      return text;
    }
    try {
      return JSON.readTree(text).path("message").asText(text);
    } catch (JsonProcessingException e) {
      // Then it is no engine that answers, and what it says is shown as it is.
      return text;
    }
  }

  /** What a request names, an image or a network. A container that is gone was there before. */
  private static boolean isMissing(RuntimeException e) {
    return e instanceof NotFoundException && !isNoContainer(e);
  }

  /** Some engines say as a trouble of theirs that the image has no shell. */
  private static boolean cannotRun(RuntimeException e) {
    return e instanceof InternalServerErrorException
        && String.valueOf(e.getMessage())
            .matches("(?is).*/bin/sh\\b.*(not found|no such file|permission denied).*");
  }

  private static boolean isNoContainer(RuntimeException e) {
    return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("no such container");
  }

  /** Whether there is no such container; some engines notice that late, as a trouble of theirs. */
  static boolean isGone(RuntimeException e) {
    return e instanceof NotFoundException
        || (e instanceof InternalServerErrorException && isNoContainer(e));
  }

  private static Throwable root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null && !(root instanceof IOException)) {
      root = root.getCause();
    }
    return root;
  }
}
