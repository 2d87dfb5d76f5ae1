package io.sandbeam.faults;

import io.sandbeam.transforms.Command;
import io.sandbeam.transforms.Isolation;
import io.sandbeam.transforms.SandboxExec;
import io.sandbeam.transforms.SandboxJob;
import io.sandbeam.transforms.SandboxOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Create;

/**
 * A JVM to be killed: runs a pipeline of short commands on the DirectRunner.
 *
 * <p>Arguments: job id, isolation, a marker for the environment of every command, options.
 */
final class PipelineVictim {
  private static final int COMMANDS = 400;

  private PipelineVictim() {}

  public static void main(String[] args) {
    String jobId = args[0];
    Isolation isolation = Isolation.valueOf(args[1]);
    String marker = args[2];
    String[] options = List.of(args).subList(3, args.length).toArray(String[]::new);
    SandboxOptions sandboxOptions =
        PipelineOptionsFactory.fromArgs(options).as(SandboxOptions.class);
    sandboxOptions.setJobId(jobId);
    Pipeline pipeline = Pipeline.create(sandboxOptions);
    List<Command> commands =
        IntStream.range(0, COMMANDS).mapToObj(i -> command(marker).withId("" + i)).toList();
    SandboxExec.Result result =
        pipeline
            .apply(Create.of(commands))
            .apply(
                SandboxExec.commands()
                    .withConcurrency(6)
                    .withIsolation(isolation)
                    .withTimeout(Duration.ofSeconds(20)));
    result.failures();
    System.out.println("started");
    System.out.flush();
    SandboxJob.run(pipeline);
    System.out.println("ended");
  }

  /** It leaves a process behind, which inherits the marker and is to end with its sandbox. */
  static Command command(String marker) {
    return Command.of("sh", "-c", "sleep 0.1; sleep 30 & exit 0").withEnv(Map.of("VICTIM", marker));
  }
}
