package io.sandbeam.cli;

import io.sandbeam.sandbox.Rehearsal;
import io.sandbeam.transforms.JobResult;
import io.sandbeam.transforms.SandboxJob;
import io.sandbeam.transforms.SandboxOptions;
import io.sandbeam.yaml.PipelineFile;
import io.sandbeam.yaml.PipelineFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.io.FileSystems;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code sandbeam run}: a Beam YAML file, its pipeline, the sweep, the account. */
@Command(
    name = "run",
    description = {
      "Runs a Beam YAML file, waits for its end, sweeps its sandboxes and prints the account.",
      "Every Beam option works as --name=value, and wins over the file's own options."
    },
    footer = {
      "",
      "Options of Sandbeam: --service=ADDRESS, --jobId=ID, --concurrency=N,",
      "--image=NAME=IMAGE (an alias; repeatable), --serviceSetting=NAME=VALUE.",
      "For the quotas of a service behind https://…, and for each worker:",
      "--maxSandboxes=N alive at once, --createRate=N per second.",
      "The proof that nothing is left, as JSON: --sweepReport=FILE.",
      "Beam's most used: --runner=…, --jobName=…, --tempLocation=…,",
      "--targetParallelism=N (direct runner).",
      "On clusters: --detached=true starts the job and leaves it to itself.",
      "",
      "Exit status: 0 all commands succeeded and nothing leaked; 1 some commands did not succeed; 2 bad"
          + " usage or bad pipeline file; 3 the pipeline failed; 4 sandboxes are left.",
      "",
      "Examples:",
      "  sandbeam run pipelines/hello.yaml",
      "  sandbeam run pipelines/convert.yaml --set in='docs/*.md' --set out=/tmp/converted",
      "  sandbeam run pipelines/hello.yaml --service=docker --image=python:3.11=my-python"
    })
final class RunCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "The file: a path, or a URI that Beam can read.")
  private String file;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "The value of {{ NAME }} in the file; repeatable.")
  private List<String> variables = new ArrayList<>();

  @Option(names = "--verbose", description = "Print stack traces of failures.")
  private boolean isVerbose;

  @Unmatched private List<String> beamOptions = new ArrayList<>();

  RunCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    for (String argument : beamOptions) {
      if (!argument.startsWith("--")) {
        throw new ParameterException(
            spec.commandLine(),
            "unexpected argument '" + argument + "': one file, and options as --name=value");
      }
    }
    try {
      return run();
    } catch (PipelineFileException e) {
      if (isVerbose) {
        e.printStackTrace(terminal.err());
      }
      throw e;
    }
  }

  private int run() {
    PipelineFile pipelineFile = PipelineFile.read(file, Pairs.of(spec, "--set", variables));
    SandboxOptions options = BeamOptions.parse(file, pipelineFile.options(), beamOptions);
    Thread unused = Rehearsal.start(options.getService());
    FileSystems.setDefaultPipelineOptions(options);
    Pipeline pipeline = Pipeline.create(options);
    pipelineFile.applyTo(pipeline);
    terminal.say("job " + SandboxOptions.jobId(options));
    JobResult result = SandboxJob.run(pipeline);
    result.failure().ifPresent(this::report);
    result.account().ifPresent(account -> account.lines().forEach(terminal.out()::println));
    if (result.isDetached()) {
      result.sweepCommand().ifPresent(this::sayHowToSweep);
    }
    return result.exitCode();
  }

  /** The one line a script may want: on its own, so that it can be kept and run. */
  private void sayHowToSweep(String command) {
    terminal.say("the job runs on by itself, and nothing is swept; when it is over, type:");
    terminal.out().println(command);
  }

  private void report(Throwable failure) {
    if (isVerbose) {
      failure.printStackTrace(terminal.err());
    }
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    terminal.say("the pipeline failed: " + message + (isVerbose ? "" : " (--verbose shows where)"));
  }
}
