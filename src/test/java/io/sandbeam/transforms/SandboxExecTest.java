package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.testing.Operation;
import io.sandbeam.testing.SimulatedResults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.schemas.NoSuchSchemaException;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.IntervalWindow;
import org.apache.beam.sdk.transforms.windowing.SlidingWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TimestampedValue;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;

/** What a step does when all goes well. */
class SandboxExecTest extends FaultyPipelineTest {

  @Test
  void givenCommands_thenEachHasAResult() {
    Pipeline pipeline = pipeline();
    List<Command> commands =
        IntStream.range(0, 50)
            .mapToObj(i -> Command.of("echo", "word-" + i).withId("id-" + i))
            .collect(Collectors.toList());

    SandboxExec.Result result =
        pipeline.apply(Create.of(commands)).apply("Grade", SandboxExec.commands());

    PCollection<String> seen =
        result
            .results()
            .apply(
                MapElements.into(TypeDescriptors.strings())
                    .via(
                        r ->
                            r.getId()
                                + " "
                                + r.status()
                                + " "
                                + r.stdoutUtf8().strip()
                                + " "
                                + r.getElement().getCommand()));
    PAssert.that(seen)
        .containsInAnyOrder(
            IntStream.range(0, 50)
                .mapToObj(i -> "id-" + i + " SUCCEEDED word-" + i + " [echo, word-" + i + "]")
                .collect(Collectors.toList()));
    JobResult end = SandboxJob.run(pipeline).orThrow();
    assertThat(end.exitCode(), is(0));
    assertThat(end.account().get().done(), is(50L));
    assertThat(end.account().get().created(), is(50L));
    assertThat(end.account().get().closed(), is(50L));
  }

  @Test
  void givenRows_thenFieldsAreInterpolatedAndTheRowComesBack() {
    Schema schema = Schema.builder().addStringField("name").addInt32Field("n").build();
    Pipeline pipeline = pipeline();
    PCollection<Row> rows =
        pipeline.apply(
            Create.of(Row.withSchema(schema).addValues("a b; rm -rf /", 7).build())
                .withRowSchema(schema));

    SandboxExec.RowResult result =
        rows.apply("Say", SandboxExec.of("echo", "{name}-{n}-{other}-${n}"));

    PAssert.that(result.results())
        .satisfies(
            all -> {
              Row row = all.iterator().next();
              assertThat(
                  row.getArray("command"), is(List.of("echo", "a b; rm -rf /-7-{other}-${n}")));
              assertThat(row.getRow("element").getString("name"), is("a b; rm -rf /"));
              return null;
            });
    assertThat(pipeline.run().waitUntilFinish(), is(PipelineResult.State.DONE));
  }

  @Test
  void givenConcurrency_thenAsManyRunAtOnceWhateverTheRunnersThreads() {
    service.commandsTake(Duration.ofMillis(300));
    Pipeline pipeline = pipeline();
    pipeline
        .apply(Create.of(commands(64)))
        .apply("Run", SandboxExec.commands().withConcurrency(16));
    SandboxJob.run(pipeline).orThrow();
    assertThat(service.mostLive(), is(greaterThan(10)));
    assertThat(service.mostLive(), is(lessThanOrEqualTo(InFlight.mostSandboxes(16))));
  }

  @Test
  void givenAnEmptyInput_thenTheSweepStillRunsAndNothingIsCreated() {
    Pipeline pipeline = pipeline();
    SandboxExec.Result result =
        pipeline
            .apply(Create.empty(TypeDescriptor.of(Command.class)))
            .apply("Run", SandboxExec.commands());
    PAssert.that(result.results()).empty();
    JobResult end = SandboxJob.run(pipeline).orThrow();
    assertThat(service.created(), is(0L));
    // One list before the start, two of the step's sweep, two of the launcher's.
    assertThat(service.calls(Operation.LIST).size(), is(greaterThan(3)));
    assertThat(end.exitCode(), is(0));
  }

  @Test
  void givenFixedWindows_thenResultsKeepTimeAndWindowAndTheSweepWaitsForAllOfThem() {
    Pipeline pipeline = pipeline();
    List<TimestampedValue<Command>> stamped = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      stamped.add(
          TimestampedValue.of(
              Command.of("echo", "x").withId("" + i), Instant.ofEpochMilli(i * 1000L)));
    }
    PCollection<Command> windowed =
        pipeline
            .apply(Create.timestamped(stamped))
            .apply(Window.into(FixedWindows.of(org.joda.time.Duration.standardSeconds(5))));
    SandboxExec.Result result =
        windowed.apply("Run", SandboxExec.commands().withIsolation(Isolation.WORKER));
    PAssert.that(result.results().apply("Times", ParDo.of(new TellPlace())))
        .containsInAnyOrder(
            IntStream.range(0, 20)
                .mapToObj(i -> i + "@" + i * 1000 + " in " + (i / 5) * 5000)
                .toList());
    PCollection<Row> swept = result.results().apply("Again", SandboxSweep.ofStep("Run"));
    PAssert.thatSingleton(swept.apply(Count.globally())).isEqualTo(1L);
    assertThat(SandboxJob.run(pipeline).orThrow().account().orElseThrow().succeeded(), is(20L));
  }

  @Test
  void givenSlidingWindows_thenEachResultIsInEveryWindowOfItsElement() {
    Pipeline pipeline = pipeline();
    SandboxExec.Result result =
        pipeline
            .apply(
                Create.timestamped(
                    TimestampedValue.of(
                        Command.of("echo", "x").withId("a"), Instant.ofEpochMilli(7000))))
            .apply(
                Window.into(
                    SlidingWindows.of(org.joda.time.Duration.standardSeconds(10))
                        .every(org.joda.time.Duration.standardSeconds(5))))
            .apply("Run", SandboxExec.commands());
    PAssert.that(result.results().apply("Times", ParDo.of(new TellPlace())))
        .containsInAnyOrder("a@7000 in 0", "a@7000 in 5000");
    SandboxJob.run(pipeline).orThrow();
    assertThat("one run for both", service.calls(Operation.EXEC), hasSize(1));
  }

  @Test
  void givenAnUnboundedInput_thenItRunsWithoutASweepAndTheLauncherSweeps() {
    Pipeline pipeline = pipeline();
    TestStream<Command> stream =
        TestStream.create(commandCoder(pipeline))
            .addElements(Command.of("echo", "1").withId("1"))
            .advanceWatermarkTo(Instant.ofEpochMilli(10_000))
            .addElements(
                TimestampedValue.of(
                    Command.of("echo", "2").withId("2"), Instant.ofEpochMilli(11_000)))
            .advanceWatermarkToInfinity();
    SandboxExec.Result result =
        pipeline
            .apply(stream)
            .apply(Window.into(FixedWindows.of(org.joda.time.Duration.standardSeconds(5))))
            .apply("Run", SandboxExec.commands().withIsolation(Isolation.WORKER));
    PAssert.that(
            result
                .results()
                .apply(MapElements.into(TypeDescriptors.strings()).via(CommandResult::getId)))
        .containsInAnyOrder("1", "2");
    JobAccount account = SandboxJob.run(pipeline).orThrow().account().orElseThrow();
    assertThat(account.succeeded(), is(2L));
    assertThat(account.isClean(), is(true));
    assertThat(
        "no sweep in the pipeline", service.calls(Operation.LIST).size(), is(lessThanOrEqualTo(5)));
  }

  @Test
  void givenAnUnboundedCollection_thenASweepBehindItIsRefusedAtConstruction() {
    Pipeline pipeline = pipeline();
    PCollection<Command> unbounded =
        pipeline.apply(TestStream.create(commandCoder(pipeline)).advanceWatermarkToInfinity());
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> unbounded.apply("Sweep", SandboxSweep.ofStep("Run")));
    assertThat(error.getMessage(), containsString("unbounded"));
  }

  private static Coder<Command> commandCoder(Pipeline pipeline) {
    try {
      return pipeline.getSchemaRegistry().getSchemaCoder(Command.class);
    } catch (NoSuchSchemaException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Tells where an element stands. */
  private static final class TellPlace extends DoFn<CommandResult, String> {
    private static final long serialVersionUID = 1;

    @ProcessElement
    public void tell(
        @Element CommandResult result,
        @Timestamp Instant timestamp,
        BoundedWindow window,
        OutputReceiver<String> output) {
      output.output(
          result.getId()
              + "@"
              + timestamp.getMillis()
              + " in "
              + ((IntervalWindow) window).start().getMillis());
    }
  }

  @Test
  void givenTwoJobsInOneJvm_thenEachHasItsOwnAccount() {
    service.commandsTake(Duration.ofMillis(20));
    Pipeline one = pipeline();
    one.apply(Create.of(commands(10)))
        .apply("Run", SandboxExec.commands().withIsolation(Isolation.WORKER));
    Pipeline other = Pipeline.create(options("--service=" + service.address()));
    other
        .apply(Create.of(commands(20)))
        .apply("Run", SandboxExec.commands().withIsolation(Isolation.WORKER));
    CompletableFuture<JobResult> first = CompletableFuture.supplyAsync(() -> SandboxJob.run(one));
    CompletableFuture<JobResult> second =
        CompletableFuture.supplyAsync(() -> SandboxJob.run(other));
    assertThat(first.join().orThrow().account().orElseThrow().succeeded(), is(10L));
    assertThat(second.join().orThrow().account().orElseThrow().succeeded(), is(20L));
  }

  @Test
  void givenARun_thenItsMetricsCountEveryCommand() {
    service.answering(
        request -> SimulatedResults.exited(request, request.command().size() - 1, ""));
    Pipeline pipeline = pipeline();
    pipeline
        .apply(Create.of(Command.of("a"), Command.of("a"), Command.of("a", "b")))
        .apply("Run", SandboxExec.commands());
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    JobMetrics metrics = JobMetrics.of(result);
    assertThat(metrics.committed("commands_succeeded"), is(2L));
    assertThat(metrics.committed("commands_failed"), is(1L));
    assertThat(metrics.committed("attempts"), is(3L));
    assertThat(metrics.attempted("sandboxes_created"), is(3L));
    assertThat(metrics.attempted("sandboxes_closed"), is(3L));
  }

  @Test
  void givenSecretsInAStep_thenDisplayDataHasNoneOfThem() {
    SandboxExec<Row, SandboxExec.RowResult> exec =
        SandboxExec.of("deploy", "--password=hunter2")
            .withEnv("TOKEN", "hunter2")
            .withStdin("hunter2");
    String shown = DisplayData.from(exec).items().toString();
    assertThat(shown, containsString("TOKEN"));
    assertThat(shown, containsString("deploy"));
    assertThat(shown, not(containsString("hunter2")));
  }

  private static List<Command> commands(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Command.of("echo", "" + i).withId("" + i))
        .toList();
  }
}
