package io.sandbeam.testing;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Commands that nothing runs: a function answers them, after a while if the test says so. */
final class SimulatedCommands {
  private static final int KILLED = 137;

  private final SimulatedWorld world;
  private Function<ExecRequest, ExecResult> answers = SimulatedCommands::echo;
  private Duration takes = Duration.ZERO;

  SimulatedCommands(SimulatedWorld world) {
    this.world = world;
  }

  void answers(Function<ExecRequest, ExecResult> function) {
    synchronized (world) {
      answers = function;
    }
  }

  void take(Duration duration) {
    synchronized (world) {
      takes = duration;
    }
  }

  CompletableFuture<ExecResult> run(String sandboxId, ExecRequest request) {
    CompletableFuture<ExecResult> answer = new CompletableFuture<>();
    Function<ExecRequest, ExecResult> function;
    Duration duration;
    SimulatedSandbox sandbox;
    synchronized (world) {
      sandbox = world.findRunning(sandboxId);
      sandbox.running.add(answer);
      function = answers;
      duration = takes;
    }
    Faults.onEnd(
        answer,
        (result, failure) -> {
          synchronized (world) {
            sandbox.running.removeIf(one -> one == answer);
          }
        });
    if (duration.compareTo(request.timeout()) > 0) {
      world.time.after(request.timeout(), () -> answer.complete(timedOut(request)));
    } else {
      world.time.after(duration, () -> answer(request, function, answer));
    }
    return answer;
  }

  private static void answer(
      ExecRequest request,
      Function<ExecRequest, ExecResult> function,
      CompletableFuture<ExecResult> answer) {
    if (answer.isDone()) {
      return;
    }
    try {
      answer.complete(function.apply(request));
    } catch (SandboxException e) {
      answer.completeExceptionally(e);
    }
  }

  /** Prints the arguments after the first, as echo does. */
  static ExecResult echo(ExecRequest request) {
    String line = String.join(" ", request.command().subList(1, request.command().size())) + "\n";
    return result(
        request, ExecOutcome.EXITED, 0, line.getBytes(StandardCharsets.UTF_8), new byte[0]);
  }

  static ExecResult result(
      ExecRequest request, ExecOutcome outcome, int exitCode, byte[] stdout, byte[] stderr) {
    int cap = request.maxOutputBytes();
    return new ExecResult(
        request.command(),
        outcome,
        exitCode,
        capped(stdout, cap),
        capped(stderr, cap),
        Instant.EPOCH,
        Duration.ZERO,
        0);
  }

  private static ExecResult.Output capped(byte[] bytes, int cap) {
    return new ExecResult.Output(Arrays.copyOf(bytes, Math.min(bytes.length, cap)), bytes.length);
  }

  private static ExecResult timedOut(ExecRequest request) {
    return result(request, ExecOutcome.TIMED_OUT, KILLED, new byte[0], new byte[0]);
  }
}
