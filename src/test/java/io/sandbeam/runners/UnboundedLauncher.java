package io.sandbeam.runners;

import io.sandbeam.transforms.Command;
import io.sandbeam.transforms.CommandResult;
import io.sandbeam.transforms.Isolation;
import io.sandbeam.transforms.SandboxExec;
import io.sandbeam.transforms.SandboxJob;
import io.sandbeam.transforms.SandboxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.io.GenerateSequence;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.joda.time.Duration;

/**
 * A launcher whose input has no end: ten commands a second, in windows of a second, in sandboxes
 * that are used again. Arguments: the file that gets a line for each result, options.
 */
public final class UnboundedLauncher {
  private UnboundedLauncher() {}

  public static void main(String[] args) {
    SandboxOptions options =
        PipelineOptionsFactory.fromArgs(Arrays.copyOfRange(args, 1, args.length))
            .as(SandboxOptions.class);
    Pipeline pipeline = Pipeline.create(options);
    pipeline
        .apply("Count", GenerateSequence.from(0).withRate(10, Duration.standardSeconds(1)))
        .apply("Windows", Window.into(FixedWindows.of(Duration.standardSeconds(1))))
        .apply(
            "ToCommand",
            MapElements.into(TypeDescriptor.of(Command.class))
                .via(number -> Command.of("sleep", "0.1").withId("" + number)))
        .apply("Run", SandboxExec.commands().withIsolation(Isolation.WORKER).withConcurrency(2))
        .results()
        .apply("Tell", ParDo.of(new Tell(args[0])));
    System.exit(SandboxJob.run(pipeline).exitCode());
  }

  /** Writes how each command ended, and where it ran. */
  private static final class Tell extends DoFn<CommandResult, Void> {
    private static final long serialVersionUID = 1;

    private final String file;

    Tell(String file) {
      this.file = file;
    }

    @ProcessElement
    public void tell(@Element CommandResult result) throws IOException {
      Files.writeString(
          Path.of(file),
          result.status() + " " + result.getSandboxId() + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }
}
