package io.sandbeam.server;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.http.wire.CommandTimeoutException;
import io.sandbeam.service.http.wire.ExecHeaders;
import io.sandbeam.service.http.wire.ReservedAnnotation;
import io.sandbeam.service.http.wire.SpecMapping;
import io.sandbeam.service.http.wire.V1;
import io.sandbeam.service.http.wire.WrappedCommand;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Exec, ReadFile, WriteFile. Thread-safe. */
final class CommandCalls {
  /** More output of a stream than a file may hold is not kept, whatever is asked for. */
  private static final int MOST_OUTPUT = SandboxService.MAX_FILE_BYTES;

  private final SandboxService service;
  private final Ledger ledger;
  private final Reach reach;
  private final Budget memory;
  private final Duration longestCommand;
  private final Clock clock;

  CommandCalls(
      SandboxService service,
      Ledger ledger,
      Reach reach,
      Budget memory,
      Duration longestCommand,
      Clock clock) {
    this.service = service;
    this.ledger = ledger;
    this.reach = reach;
    this.memory = memory;
    this.longestCommand = longestCommand;
    this.clock = clock;
  }

  CompletableFuture<ApiAnswer> exec(ApiRequest request) {
    V1.ExecRequest body = request.body(V1.ExecRequest.class);
    request.requireSameId(body.sandboxId());
    int cap =
        body.maxOutputBytes() == 0
            ? ExecRequest.DEFAULT_MAX_OUTPUT_BYTES
            : Math.min(body.maxOutputBytes(), MOST_OUTPUT);
    Duration limit =
        request.timeout().filter(t -> t.compareTo(longestCommand) < 0).orElse(longestCommand);
    ExecRequest.Builder command =
        ExecRequest.builder(body.command()).env(body.env()).maxOutputBytes(cap).timeout(limit);
    if (request.timeout().isPresent()) {
      command.env(ExecHeaders.TIME_KEPT_VARIABLE, "1");
    }
    ExecRequest exec = command.build();
    String id = request.id();
    return reach
        .sandbox(request.caller(), id)
        .thenCompose(
            reachable -> {
              requireContainer(id, body.container());
              request.holds().accept(memory.take(request.caller(), 2L * cap));
              note(id, exec, "running");
              return ended(id, service.exec(id, exec));
            })
        .whenComplete(
            (result, failure) -> note(id, exec, failure == null ? outcome(result) : "not run"))
        .thenApply(result -> answer(request, result));
  }

  private static ApiAnswer answer(ApiRequest request, ExecResult result) {
    if (result.outcome() == ExecOutcome.TIMED_OUT && request.timeout().isEmpty()) {
      throw new CommandTimeoutException(
          "The command was killed after "
              + result.duration().toSeconds()
              + " s, the limit of this server");
    }
    return new ApiAnswer(
        new V1.ExecResponse(
            result.stdout(),
            result.stderr(),
            result.exitCode(),
            result.stdoutTruncated(),
            result.stderrTruncated(),
            result.stdoutBytesProduced(),
            result.stderrBytesProduced()),
        Map.of(
            ExecHeaders.OUTCOME,
            result.outcome().name(),
            ExecHeaders.LEFTOVER_PROCESSES,
            Integer.toString(result.leftoverProcesses())));
  }

  CompletableFuture<ApiAnswer> readFile(ApiRequest request) {
    String path = requirePath(request.query().string("path"));
    String id = request.id();
    return reach
        .sandbox(request.caller(), id)
        .thenCompose(
            reachable -> {
              requireContainer(id, request.query().string("container"));
              request.holds().accept(memory.take(request.caller(), SandboxService.MAX_FILE_BYTES));
              return ended(id, service.readFile(id, path));
            })
        .thenApply(content -> ApiAnswer.of(new V1.ReadFileResponse(content)));
  }

  CompletableFuture<ApiAnswer> writeFile(ApiRequest request) {
    V1.WriteFileRequest body = request.body(V1.WriteFileRequest.class);
    request.requireSameId(body.sandboxId());
    String path = requirePath(body.path());
    if (body.content().length > SandboxService.MAX_FILE_BYTES) {
      throw new SandboxFileException(
          SandboxFileException.Reason.TOO_LARGE,
          path,
          "its " + body.content().length + " bytes are above " + SandboxService.MAX_FILE_BYTES);
    }
    String id = request.id();
    return reach
        .sandbox(request.caller(), id)
        .thenCompose(
            reachable -> {
              requireContainer(id, body.container());
              return ended(id, service.writeFile(id, path, body.content()));
            })
        .thenApply(written -> ApiAnswer.of(new V1.WriteFileResponse()));
  }

  /** A sandbox that the service has forgotten and the ledger has not is one that has ended. */
  private <T> CompletableFuture<T> ended(String id, CompletableFuture<T> call) {
    return Futures.recover(
        call,
        SandboxNotFoundException.class,
        gone -> {
          ledger.forgottenByService(id);
          return ledger
              .get(id)
              .<CompletableFuture<T>>map(
                  entry ->
                      CompletableFuture.failedFuture(
                          new SandboxNotRunningException(
                              id, entry.info().state(), entry.info().stateReason())))
              .orElseGet(() -> CompletableFuture.failedFuture(gone));
        });
  }

  private void requireContainer(String id, String container) {
    String only =
        ledger
            .get(id)
            .map(entry -> entry.info().spec().annotations().get(ReservedAnnotation.CONTAINER))
            .orElse(SpecMapping.CONTAINER);
    if (!container.isEmpty() && !container.equals(only)) {
      throw new SandboxValidationException(
          "container", "Invalid container: the sandbox has the one container '" + only + "'");
    }
  }

  private static String requirePath(String path) {
    if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw new SandboxValidationException("path", "Invalid path: it must be absolute");
    }
    return path;
  }

  private void note(String id, ExecRequest command, String outcome) {
    List<String> words = command.command();
    String program = WrappedCommand.programOf(words).orElse(words.get(0));
    ledger.ran(id, LastCommand.of(program, clock.instant(), outcome));
  }

  private static String outcome(ExecResult result) {
    return switch (result.outcome()) {
      case EXITED -> "exit " + result.exitCode();
      case TIMED_OUT -> "timed out";
      case OUT_OF_MEMORY -> "out of memory";
    };
  }
}
