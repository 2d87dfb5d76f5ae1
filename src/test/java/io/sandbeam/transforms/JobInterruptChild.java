package io.sandbeam.transforms;

import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Create;

/** A launcher that a test ends in the middle of a job: commands that sleep, in real sandboxes. */
final class JobInterruptChild {
  private JobInterruptChild() {}

  public static void main(String[] args) {
    SandboxOptions options = PipelineOptionsFactory.fromArgs(args).as(SandboxOptions.class);
    Pipeline pipeline = Pipeline.create(options);
    pipeline
        .apply(
            Create.of(
                Command.of("sleep", "300"), Command.of("sleep", "300"), Command.of("sleep", "300")))
        .apply("Sleep", SandboxExec.commands().withConcurrency(3));
    System.exit(SandboxJob.run(pipeline).exitCode());
  }
}
