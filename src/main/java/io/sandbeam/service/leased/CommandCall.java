package io.sandbeam.service.leased;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A caller's command: the job it becomes, and the result that becomes of it. For one start. */
public final class CommandCall {
  private final ExecRequest request;
  private final CommandShell shell;
  private final KeptOutput out;
  private final KeptOutput err;

  public CommandCall(ExecRequest request, CommandShell shell) {
    this.request = request;
    this.shell = shell;
    this.out = new KeptOutput(request.maxOutputBytes());
    this.err = new KeptOutput(request.maxOutputBytes());
  }

  /** Starts it; to cancel it is to kill it. */
  public Calls.Work<ExecResult> start(LeasedSandbox sandbox) {
    CompletableFuture<Ended> running = sandbox.run(job(sandbox));
    return new Calls.Work<>(running.thenApply(this::result), () -> sandbox.cancel(running));
  }

  private Job job(LeasedSandbox sandbox) {
    Map<String, String> env = new HashMap<>(sandbox.spec().env());
    env.putAll(request.env());
    String directory = request.cwd().orElse(sandbox.spec().workingDir());
    return new Job(
        shell.command(directory, env, request.command()),
        request.stdin(),
        request.timeout(),
        Optional.of(out),
        Optional.of(err),
        Job.Kind.COMMAND);
  }

  private ExecResult result(Ended ended) {
    return new ExecResult(
        request.command(),
        ended.outcome(),
        ended.exitCode(),
        output(out, Channel.OUT, ended),
        output(err, Channel.ERR, ended),
        ended.startedAt(),
        ended.duration(),
        ended.leftovers());
  }

  /** What lacks its end is cut: by one byte at least. */
  private static ExecResult.Output output(KeptOutput kept, Channel channel, Ended ended) {
    ExecResult.Output output = kept.output();
    return ended.cut().contains(channel)
        ? new ExecResult.Output(output.bytes(), output.bytesProduced() + 1)
        : output;
  }
}
