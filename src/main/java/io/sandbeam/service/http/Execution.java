package io.sandbeam.service.http;

import static io.sandbeam.service.http.Repeating.Safety.ONCE;
import static io.sandbeam.service.http.Repeating.Safety.REPEATABLE;

import io.sandbeam.service.Effect;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.CommandTimeoutException;
import io.sandbeam.service.http.wire.ExecHeaders;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.service.http.wire.V1;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One command on its way: its input first, then the command, then how it ended. */
final class Execution {
  private static final Logger LOG = LoggerFactory.getLogger(Execution.class);

  /** For the way there and back; the public SDKs grant 5 s. */
  static final Duration WAY = Duration.ofSeconds(15);

  private final HttpSettings settings;
  private final Transport transport;
  private final Repeating repeating;
  private final Duration way;
  private final String id;
  private final ExecRequest request;
  private final CommandScript script;
  private final CompletableFuture<ExecResult> result = new CompletableFuture<>();
  private CompletableFuture<?> step = CompletableFuture.completedFuture(null);
  private boolean sent;
  private Instant startedAt;
  private long startedNanos;

  Execution(
      HttpSettings settings,
      Transport transport,
      Repeating repeating,
      Duration way,
      String id,
      ExecRequest request) {
    this.settings = settings;
    this.transport = transport;
    this.repeating = repeating;
    this.way = way;
    this.id = id;
    this.request = request;
    this.script = CommandScript.mint();
  }

  /** The most that its calls take together, each with its repetitions. */
  static Duration longest(HttpSettings settings, Duration way, ExecRequest request) {
    long most = SandboxService.MAX_FILE_BYTES;
    // Each piece of the input is written, then appended.
    long input = 2 * ((request.stdinBytes() + most - 1) / most);
    // The command itself, then how it ended.
    return settings
        .longestRepeating()
        .multipliedBy(input + 2)
        .plus(FileCalls.DEADLINE.plus(way).multipliedBy(input))
        .plus(request.timeout().plus(way))
        .plus(settings.callTimeout());
  }

  CompletableFuture<ExecResult> start(byte[] input) {
    Futures.onCancel(result, this::abandon);
    if (input.length == 0) {
      run(false);
    } else {
      then(input(input, 0), Execution::notStarted, done -> run(true));
    }
    return result;
  }

  /** In pieces, each of at most what one call may carry. */
  private CompletableFuture<Void> input(byte[] input, int from) {
    int to = Math.min(input.length, from + SandboxService.MAX_FILE_BYTES);
    String file = from == 0 ? script.inputFile() : script.pieceFile();
    byte[] piece = Arrays.copyOfRange(input, from, to);
    CompletableFuture<Void> written = write(file, piece);
    if (from > 0) {
      written = written.thenCompose(done -> append());
    }
    return to == input.length ? written : written.thenCompose(done -> input(input, to));
  }

  /** Nobody else knows the file: written twice, it is the same. */
  private CompletableFuture<Void> write(String file, byte[] piece) {
    ApiCall call =
        ApiCall.of(ApiMethod.WRITE_FILE, id, FileCalls.DEADLINE)
            .withFile(file)
            .withBody(new V1.WriteFileRequest("", file, piece, ""));
    return repeating
        .run("write the input of a command", REPEATABLE, () -> transport.send(call))
        .thenAccept(answer -> {});
  }

  private CompletableFuture<Void> append() {
    ApiCall call = execCall(script.append(shell()), Map.of(), 4096, FileCalls.DEADLINE);
    return repeating
        .run("append the input of a command", ONCE, () -> transport.send(call))
        .thenAccept(
            answer -> {
              V1.ExecResponse end = Transport.message(call, answer, V1.ExecResponse.class);
              if (end.exitCode() != 0) {
                throw new SandboxFileException(
                    SandboxFileException.Reason.IO_FAILED,
                    script.inputFile(),
                    new String(end.stderr(), StandardCharsets.UTF_8));
              }
            });
  }

  private void run(boolean input) {
    List<String> words =
        settings
            .shell()
            .map(shell -> script.command(shell, request, input))
            .orElse(request.command());
    ApiCall call = execCall(words, request.env(), request.maxOutputBytes(), request.timeout());
    synchronized (this) {
      sent = true;
    }
    then(
        repeating.run("run a command", ONCE, () -> send(call)),
        this::ended,
        answer -> read(call, answer));
  }

  /** A command that was held back has not begun. */
  private CompletableFuture<Transport.Answer> send(ApiCall call) {
    startedAt = Instant.now();
    startedNanos = System.nanoTime();
    return transport.send(call);
  }

  private void read(ApiCall call, Transport.Answer answer) {
    Duration took = Duration.ofNanos(System.nanoTime() - startedNanos);
    V1.ExecResponse response = Transport.message(call, answer, V1.ExecResponse.class);
    String outcome = answer.headers().get(ExecHeaders.OUTCOME);
    if (outcome != null) {
      String left = answer.headers().get(ExecHeaders.LEFTOVER_PROCESSES);
      complete(response, outcome(outcome), took, left == null ? -1 : Integer.parseInt(left));
    } else if (response.exitCode() == CommandScript.KILLED && settings.shell().isPresent()) {
      ask(response, took);
    } else {
      complete(response, ExecOutcome.EXITED, took, -1);
    }
  }

  /** Somebody killed it: was it the script? */
  private void ask(V1.ExecResponse response, Duration took) {
    ApiCall call =
        ApiCall.of(ApiMethod.READ_FILE, id, settings.callTimeout())
            .withFile(script.markFile())
            .withQuery(Query.of(ApiMethod.READ_FILE).add("path", script.markFile()).build());
    then(
        repeating.run("read how a command ended", REPEATABLE, () -> transport.send(call)),
        failure -> {
          boolean late = took.compareTo(request.timeout()) >= 0;
          boolean missing =
              failure instanceof SandboxFileException e
                  && e.reason() == SandboxFileException.Reason.NOT_FOUND;
          complete(
              response, late && !missing ? ExecOutcome.TIMED_OUT : ExecOutcome.EXITED, took, -1);
          return null;
        },
        answer -> {
          byte[] mark = Transport.message(call, answer, V1.ReadFileResponse.class).content();
          complete(response, outcome(new String(mark, StandardCharsets.UTF_8).strip()), took, -1);
        });
  }

  private void complete(
      V1.ExecResponse response, ExecOutcome outcome, Duration took, int leftovers) {
    int most = request.maxOutputBytes();
    result.complete(
        new ExecResult(
            request.command(),
            outcome,
            response.exitCode(),
            output(
                response.stdout(),
                response.stdoutTruncated(),
                response.stdoutBytesProduced(),
                most),
            output(
                response.stderr(),
                response.stderrTruncated(),
                response.stderrBytesProduced(),
                most),
            startedAt,
            took,
            leftovers));
  }

  /** The failure of the call itself; null when it is an answer all the same. */
  private Throwable ended(Throwable failure) {
    Duration took = Duration.ofNanos(System.nanoTime() - startedNanos);
    if (failure instanceof CommandTimeoutException) {
      LOG.warn(
          "A command in sandbox {} met the service's own time limit after {} ms; its output is lost",
          id,
          took.toMillis());
      complete(
          new V1.ExecResponse(new byte[0], new byte[0], CommandScript.KILLED, false, false, 0, 0),
          ExecOutcome.TIMED_OUT,
          took,
          -1);
      return null;
    }
    if (failure instanceof SandboxTimeoutException) {
      kill();
    }
    return failure;
  }

  /** The command never started, whatever became of its input. */
  private static Throwable notStarted(Throwable failure) {
    boolean passing =
        failure instanceof SandboxException e && e.retryable() && e.effect() == Effect.UNKNOWN;
    return passing && !(failure instanceof SandboxNotRunningException)
        ? new SandboxUnavailableException(
            "The command was not started: " + failure.getMessage(), failure, Effect.NONE, null)
        : failure;
  }

  private <T> void then(
      CompletableFuture<T> call, Function<Throwable, Throwable> onFailure, Consumer<T> next) {
    synchronized (this) {
      step = call;
    }
    if (result.isCancelled()) {
      call.cancel(true);
    }
    Futures.end(
        call,
        (value, failure) -> {
          try {
            if (failure == null) {
              next.accept(value);
              return;
            }
            Throwable why = onFailure.apply(failure);
            if (why != null) {
              result.completeExceptionally(why);
            }
          } catch (RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
  }

  private void abandon() {
    boolean running;
    synchronized (this) {
      step.cancel(true);
      running = sent;
    }
    if (running) {
      kill();
    }
  }

  /** Asks the sandbox itself: a service may not notice that nobody waits any more. */
  private void kill() {
    if (settings.shell().isEmpty()) {
      return;
    }
    ApiCall call = execCall(script.kill(shell()), Map.of(), 4096, settings.callTimeout());
    Futures.end(
        repeating.run("kill a command", ONCE, () -> transport.send(call)),
        (answer, failure) -> {
          if (failure != null) {
            LOG.info(
                "A command in sandbox {} may run on until its time limit: {}",
                id,
                failure.getMessage());
          }
        });
  }

  private ApiCall execCall(
      List<String> words, Map<String, String> env, int mostOutput, Duration limit) {
    // 0 means the platform's default there, and nothing here.
    int most = Math.max(1, mostOutput);
    return ApiCall.of(ApiMethod.EXEC, id, limit.plus(way))
        .withBody(new V1.ExecRequest("", words, env, most, ""))
        .withHeaders(Map.of(ExecHeaders.TIMEOUT_MS, Long.toString(Math.max(1, limit.toMillis()))))
        .withMostBytes(2L * (most / 3 + 1) * 4L + 4096);
  }

  private String shell() {
    return settings.shell().orElseThrow();
  }

  private static ExecResult.Output output(
      byte[] bytes, boolean truncated, long produced, int most) {
    byte[] kept = bytes.length > most ? Arrays.copyOf(bytes, most) : bytes;
    long least = Math.max(bytes.length, truncated ? kept.length + 1L : 0);
    return new ExecResult.Output(kept, Math.max(produced, least));
  }

  private static ExecOutcome outcome(String name) {
    return Arrays.stream(ExecOutcome.values())
        .filter(outcome -> outcome.name().equals(name))
        .findFirst()
        .orElse(ExecOutcome.EXITED);
  }
}
