package io.sandbeam.runners;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.sandbeam.sandbox.Sandboxes;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import io.sandbeam.transforms.Command;
import io.sandbeam.transforms.CommandFailure;
import io.sandbeam.transforms.CommandResult;
import io.sandbeam.transforms.Isolation;
import io.sandbeam.transforms.JobAccount;
import io.sandbeam.transforms.JobResult;
import io.sandbeam.transforms.Redistribution;
import io.sandbeam.transforms.SandboxExec;
import io.sandbeam.transforms.SandboxJob;
import io.sandbeam.transforms.SandboxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.NoSuchSchemaException;
import org.apache.beam.sdk.schemas.SchemaCoder;
import org.apache.beam.sdk.schemas.SchemaRegistry;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.IntervalWindow;
import org.apache.beam.sdk.transforms.windowing.SlidingWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TimestampedValue;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.joda.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What holds on every runner. Each test ends with no sandbox left, and that is checked. */
@Timeout(240)
abstract class RunnerContract {
  @TempDir Path folder;
  private ServiceConfig service;
  private Path gathered;

  /** Chooses the runner. */
  abstract List<String> runner();

  /** Whether a bundle that failed is run again. */
  abstract Retries retries();

  /** How many jobs one JVM may have under way. */
  abstract Jobs jobs();

  /** Over how many tasks at least a step's commands are spread. */
  int tasks() {
    return 1;
  }

  enum Retries {
    /** The job fails with its first failed bundle. */
    NONE,
    SOME
  }

  enum Jobs {
    ONE_AFTER_ANOTHER,
    AT_ONCE
  }

  @BeforeEach
  void prepare() throws IOException {
    // Passable for the user that root's sandboxes run as, which JUnit's temporary folders are not.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    service = ServiceConfig.of("local").withSetting("state-dir", folder + "/state");
    gathered = folder.resolve("gathered");
  }

  @AfterEach
  void leavesNothing() {
    assertThat(live(), is(empty()));
  }

  private List<SandboxInfo> live() {
    try (SandboxService opened = SandboxServices.open(service)) {
      return Sandboxes.listInfos(opened, List.of(Tag.PRODUCT)).join();
    }
  }

  private Pipeline pipeline(String... more) {
    List<String> arguments = new ArrayList<>(runner());
    arguments.add("--serviceSetting=state-dir=" + service.settings().get("state-dir"));
    arguments.addAll(List.of(more));
    SandboxOptions options =
        PipelineOptionsFactory.fromArgs(arguments.toArray(String[]::new)).as(SandboxOptions.class);
    options.setJobName("contract");
    return Pipeline.create(options);
  }

  private static String jobId(Pipeline pipeline) {
    return pipeline.getOptions().as(SandboxOptions.class).getJobId();
  }

  private static Command sh(String id, String script) {
    return Command.of("/bin/sh", "-c", script).withId(id);
  }

  private static List<Command> commands(int count, String script) {
    return IntStream.range(0, count).mapToObj(i -> sh("c" + i, script)).toList();
  }

  private static List<String> ids(int count) {
    return IntStream.range(0, count).mapToObj(i -> "c" + i).sorted().toList();
  }

  private static MapElements<CommandResult, String> ended() {
    return MapElements.into(TypeDescriptors.strings())
        .via(
            result ->
                result.getId()
                    + " "
                    + result.status()
                    + " "
                    + result.stdoutUtf8()
                    + " in "
                    + result.getAttempts());
  }

  /** Succeeds with an account that adds up. */
  private static JobAccount succeed(Pipeline pipeline) {
    JobAccount account = SandboxJob.run(pipeline).orThrow().account().orElseThrow();
    assertAddsUp(account);
    return account;
  }

  private static void assertAddsUp(JobAccount account) {
    String lines = account.lines().toString();
    assertThat(lines, account.sweep().outcome(), is(SweepReport.Outcome.EMPTY));
    assertThat(
        lines, account.closed() + account.swept() + account.expired(), is(account.created()));
  }

  @Test
  void givenCommandsOfEveryEnd_thenEachIsToldOnceAndCounted() throws IOException {
    Pipeline pipeline = pipeline();
    List<Command> commands =
        List.of(
            sh("good", "printf out"),
            sh("bad", "exit 3"),
            sh("slow", "sleep 60").withTimeout(Duration.ofSeconds(1)),
            sh("input", "cat; cat note; printf %s \"$WHO\"")
                .withStdin(new byte[] {'i', 'n'})
                .withFile("note", new byte[] {'!'})
                .withEnv(Map.of("WHO", "me")));
    pipeline
        .apply(Create.of(commands))
        .apply("Run", SandboxExec.commands().withTimeout(Duration.ofSeconds(30)))
        .results()
        .apply(ended())
        .apply(Gather.into(gathered));

    JobAccount account = succeed(pipeline);

    assertThat(
        Gather.read(gathered),
        is(
            List.of(
                "bad FAILED  in 1",
                "good SUCCEEDED out in 1",
                "input SUCCEEDED in!me in 1",
                "slow TIMED_OUT  in 1")));
    assertThat(account.succeeded(), is(2L));
    assertThat(account.failed(), is(1L));
    assertThat(account.timedOut(), is(1L));
    assertThat("each command ran once", account.created(), is(4L));
  }

  @Test
  void givenElementsThatCannotRun_thenTheyAreFailuresBesideTheResults() throws IOException {
    Pipeline pipeline = pipeline();
    SandboxExec.Result result =
        pipeline
            .apply(
                Create.of(
                    sh("runs", "printf x"), sh("too-long", "true").withTimeout(Duration.ofDays(2))))
            .apply("Run", SandboxExec.commands().withMaxLifetime(Duration.ofMinutes(10)));
    result.results().apply(ended()).apply("GatherResults", Gather.into(gathered));
    Path failures = folder.resolve("failures");
    result
        .failures()
        .apply(
            MapElements.into(TypeDescriptors.strings())
                .via((CommandFailure failure) -> failure.getId() + " " + failure.reason()))
        .apply("GatherFailures", Gather.into(failures));

    JobAccount account = succeed(pipeline);

    assertThat(Gather.read(gathered), is(List.of("runs SUCCEEDED x in 1")));
    assertThat(Gather.read(failures), is(List.of("too-long INVALID_ELEMENT")));
    assertThat(account.notRun(), is(1L));
    assertThat(account.created(), is(1L));
  }

  @Test
  void givenFailuresThatNobodyAskedFor_thenTheJobFailsWithTheReasonAndIsSwept() {
    Pipeline pipeline = pipeline();
    List<Command> commands = new ArrayList<>(commands(3, "true"));
    commands.add(sh("too-long", "true").withTimeout(Duration.ofDays(2)));
    pipeline
        .apply(Create.of(commands))
        .apply("Run", SandboxExec.commands().withMaxLifetime(Duration.ofMinutes(10)));

    JobResult end = SandboxJob.run(pipeline);

    assertThat(end.state(), is(PipelineResult.State.FAILED));
    assertThat(end.exitCode(), is(JobResult.PIPELINE_FAILED));
    assertThat(rootCause(end.failure().orElseThrow()).getMessage(), containsString("too-long"));
    assertAddsUp(end.account().orElseThrow());
  }

  private static Throwable rootCause(Throwable failure) {
    return failure.getCause() == null ? failure : rootCause(failure.getCause());
  }

  @Test
  void givenWindows_thenResultsKeepTheirsAndTheirTimestamps()
      throws IOException, NoSuchSchemaException {
    Pipeline pipeline = pipeline();
    SchemaRegistry registry = SchemaRegistry.createDefault();
    SchemaCoder<Command> coder = registry.getSchemaCoder(Command.class);
    List<TimestampedValue<Command>> commands =
        Stream.of(5, 35, 65)
            .map(
                s -> TimestampedValue.of(sh("at" + s, "printf x"), Instant.ofEpochMilli(s * 1000L)))
            .toList();
    PCollection<Command> windowed =
        pipeline
            .apply(Create.timestamped(commands).withCoder(coder))
            .apply(
                Window.into(
                    SlidingWindows.of(org.joda.time.Duration.standardSeconds(60))
                        .every(org.joda.time.Duration.standardSeconds(30))));
    List<String> expected =
        List.of(
            "at35 35 in 0..60",
            "at35 35 in 30..90",
            "at5 5 in -30..30",
            "at5 5 in 0..60",
            "at65 65 in 30..90",
            "at65 65 in 60..120");
    for (Redistribution redistribution : Redistribution.values()) {
      windowed
          .apply("Run" + redistribution, SandboxExec.commands().withRedistribution(redistribution))
          .results()
          .apply("Placed" + redistribution, ParDo.of(new PlaceFn()))
          .setCoder(StringUtf8Coder.of())
          .apply("Gather" + redistribution, Gather.into(folder.resolve(redistribution.name())));
    }

    JobAccount account = succeed(pipeline);

    for (Redistribution redistribution : Redistribution.values()) {
      assertThat(
          redistribution.name(), Gather.read(folder.resolve(redistribution.name())), is(expected));
    }
    // Some runners take an element apart by its windows before they hand it over.
    assertThat(account.created(), is(greaterThanOrEqualTo(6L)));
    assertThat(account.created(), is(lessThanOrEqualTo(12L)));
  }

  private static final class PlaceFn extends DoFn<CommandResult, String> {
    private static final long serialVersionUID = 1;

    @ProcessElement
    public void place(
        @Element CommandResult result,
        @Timestamp Instant timestamp,
        BoundedWindow window,
        OutputReceiver<String> output) {
      IntervalWindow interval = (IntervalWindow) window;
      output.output(
          result.getId()
              + " "
              + timestamp.getMillis() / 1000
              + " in "
              + interval.start().getMillis() / 1000
              + ".."
              + interval.end().getMillis() / 1000);
    }
  }

  @Test
  void givenABundleThatFails_thenItsCommandsRunAgainUnderTheSameJobIdAndCountOnce()
      throws IOException {
    Pipeline pipeline = pipeline();
    pipeline
        .apply(Create.of(commands(8, "sleep 1")))
        .apply("Run", SandboxExec.commands())
        .results()
        .apply("FailOnce", ParDo.of(new FailOnce(folder)))
        .apply(Gather.into(gathered));

    CompletableFuture<JobResult> job =
        CompletableFuture.supplyAsync(() -> SandboxJob.run(pipeline));
    Set<String> tags = tagsSeenWhile(job);

    JobResult end = job.join();
    assertThat("it did fail once", FailOnce.failedIn(folder), is(true));
    assertThat(of(tags, "job."), is(Set.of(Tag.job(jobId(pipeline)).value())));
    // Where the runner puts its tasks is its own affair; each process is a worker with its own tag.
    assertThat(of(tags, "worker.").size(), is(greaterThanOrEqualTo(FailOnce.processesIn(folder))));
    assertAddsUp(end.account().orElseThrow());
    if (retries() == Retries.SOME) {
      assertThat(end.failure().toString(), end.state(), is(PipelineResult.State.DONE));
      List<String[]> rows = Gather.read(gathered).stream().map(line -> line.split(" ", 2)).toList();
      assertThat(rows.stream().map(row -> row[0]).toList(), is(ids(8)));
      long tasks = rows.stream().map(row -> row[1]).distinct().count();
      assertThat("tasks", tasks, is(greaterThanOrEqualTo((long) tasks())));
    } else {
      assertThat(end.state(), is(PipelineResult.State.FAILED));
      assertThat(rootCause(end.failure().orElseThrow()).getMessage(), containsString("on purpose"));
    }
  }

  private static Set<String> of(Set<String> tags, String prefix) {
    return tags.stream().filter(tag -> tag.startsWith(prefix)).collect(Collectors.toSet());
  }

  private Set<String> tagsSeenWhile(CompletableFuture<?> job) {
    Set<String> seen = new HashSet<>();
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              live().stream()
                  .flatMap(info -> info.spec().tags().stream())
                  .map(Tag::value)
                  .forEach(seen::add);
              return job.isDone();
            });
    return seen;
  }

  @Test
  void givenNoElements_thenNothingIsCreatedAndTheJobIsProvenEmpty() throws IOException {
    Pipeline pipeline = pipeline();
    pipeline
        .apply(Create.empty(org.apache.beam.sdk.values.TypeDescriptor.of(Command.class)))
        .apply("Run", SandboxExec.commands())
        .results()
        .apply(ended())
        .apply(Gather.into(gathered));

    JobAccount account = succeed(pipeline);

    assertThat(Gather.read(gathered), is(empty()));
    assertThat(account.created(), is(0L));
    assertThat(account.done(), is(0L));
  }

  @Test
  void givenTwoSteps_thenNeitherSweepsTheOther() throws IOException {
    Pipeline pipeline = pipeline();
    PCollection<CommandResult> first =
        pipeline
            .apply(Create.of(commands(4, "printf 1")))
            .apply("First", SandboxExec.commands().withIsolation(Isolation.WORKER))
            .results();
    first
        .apply(
            "Again",
            MapElements.into(org.apache.beam.sdk.values.TypeDescriptor.of(Command.class))
                .via(result -> sh(result.getId(), "sleep 0.3; printf " + result.stdoutUtf8() + 2)))
        .apply("Second", SandboxExec.commands().withIsolation(Isolation.WORKER))
        .results()
        .apply(ended())
        .apply(Gather.into(gathered));

    JobAccount account = succeed(pipeline);

    assertThat(
        "no sandbox was lost under its command",
        Gather.read(gathered),
        is(ids(4).stream().map(id -> id + " SUCCEEDED 12 in 1").toList()));
    assertThat(account.succeeded(), is(8L));
    assertThat("sandboxes are reused", account.created(), is(lessThanOrEqualTo(8L)));
    assertThat(account.created(), is(greaterThanOrEqualTo(2L)));
  }

  @Test
  void givenTwoJobsInOneJvm_thenEachHasItsOwnResultsAndAccount() throws IOException {
    Pipeline one = pipeline("--jobId=contract-one");
    // A prefix of the other's name: tags are matched whole, or one sweep would end the other job.
    Pipeline other = pipeline("--jobId=contract-one-b");
    for (Pipeline pipeline : List.of(one, other)) {
      pipeline
          .apply(Create.of(commands(4, "sleep 0.5; printf x")))
          .apply("Run", SandboxExec.commands().withIsolation(Isolation.BUNDLE))
          .results()
          .apply(ended())
          .apply(Gather.into(folder.resolve(jobId(pipeline))));
    }
    CompletableFuture<JobAccount> first = CompletableFuture.supplyAsync(() -> succeed(one));
    if (jobs() == Jobs.ONE_AFTER_ANOTHER) {
      first.join();
    }
    CompletableFuture<JobAccount> second = CompletableFuture.supplyAsync(() -> succeed(other));

    assertThat(first.join().succeeded(), is(4L));
    assertThat(second.join().succeeded(), is(4L));
    for (Pipeline pipeline : List.of(one, other)) {
      assertThat(
          Gather.read(folder.resolve(jobId(pipeline))),
          is(ids(4).stream().map(id -> id + " SUCCEEDED x in 1").toList()));
    }
  }
}
