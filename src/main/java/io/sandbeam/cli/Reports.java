package io.sandbeam.cli;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.yaml.PipelineFileException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Failures as messages for people, and as exit codes. */
final class Reports {
  private Reports() {}

  /** Says what went wrong, shortly; a stack trace only for what nobody foresaw. */
  static int failure(Terminal terminal, String command, Throwable thrown) {
    Throwable failure = unwrapped(thrown);
    if (failure instanceof PipelineFileException) {
      terminal.say(failure.getMessage());
      return ExitCode.USAGE;
    }
    boolean isExec = command.equals("exec");
    if (failure instanceof SandboxValidationException
        || failure instanceof IllegalArgumentException) {
      terminal.say(failure.getMessage());
      return isExec ? ExitCode.EXEC_NOT_RUN : ExitCode.USAGE;
    }
    if (failure instanceof SandboxException) {
      terminal.say(failure.getMessage());
    } else {
      terminal.say("this should not happen, please report it:");
      failure.printStackTrace(terminal.err());
    }
    if (isExec) {
      return ExitCode.EXEC_NOT_RUN;
    }
    return command.equals("sweep") ? ExitCode.LEFT : ExitCode.FAILED;
  }

  /** Waits for an answer; a failure comes out as itself. */
  static <T> T await(CompletableFuture<T> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (unwrapped(e) instanceof SandboxException failure) {
        throw failure;
      }
      throw e;
    }
  }

  static Throwable unwrapped(Throwable thrown) {
    Throwable failure = thrown;
    while (failure instanceof CompletionException && failure.getCause() != null) {
      failure = failure.getCause();
    }
    return failure;
  }
}
