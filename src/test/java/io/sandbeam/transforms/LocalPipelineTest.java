package io.sandbeam.transforms;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.Sandboxes;
import io.sandbeam.service.ByteSize;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pipelines over real sandboxes on this machine. Each ends with none left, and that is checked. */
@Timeout(180)
class LocalPipelineTest {
  private SandboxOptions options;
  private Pipeline pipeline;

  @BeforeEach
  void newPipeline() {
    options = PipelineOptionsFactory.create().as(SandboxOptions.class);
    pipeline = Pipeline.create(options);
  }

  @AfterEach
  void leavesNothing() {
    try (SandboxService service = SandboxServices.open("local")) {
      List<Sandbox> left =
          Sandboxes.list(service, Set.of(Tag.PRODUCT, Tag.job(options.getJobId()))).join();
      assertThat(left, is(empty()));
    }
    await().untilAsserted(() -> assertThat(WorkerSessions.ofThisJvm().size(), is(0)));
  }

  private static Command sh(String id, String script) {
    return Command.of("/bin/sh", "-c", script).withId(id);
  }

  private JobAccount run() {
    JobAccount account = SandboxJob.run(pipeline).orThrow().account().orElseThrow();
    assertThat(account.lines().toString(), account.isClean(), is(true));
    assertThat(
        account.lines().toString(),
        account.closed() + account.swept() + account.expired(),
        is(account.created()));
    return account;
  }

  @Test
  void givenCommandsOfEveryEnd_thenEachStatusIsTold() {
    List<Command> commands =
        List.of(
            sh("good", "echo out; echo err >&2"),
            sh("bad", "exit 3"),
            sh("slow", "sleep 60").withTimeout(Duration.ofSeconds(1)),
            sh("killed", "kill -9 $$"),
            sh("input", "cat; cat note.txt; printf %s \"$WHO\"")
                .withStdin(new byte[] {'i', 'n', 0, (byte) 0xff})
                .withFile("note.txt", new byte[] {'!', '\n'})
                .withEnv(Map.of("WHO", "me")),
            Command.of("no-such-program").withId("absent"));

    SandboxExec.Result result =
        pipeline
            .apply(Create.of(commands))
            .apply("Run", SandboxExec.commands().withTimeout(Duration.ofSeconds(30)));

    PAssert.that(result.results())
        .satisfies(
            all -> {
              List<String> seen = new ArrayList<>();
              for (CommandResult one : all) {
                seen.add(one.getId() + " " + one.status() + " " + one.getExitCode());
                assertThat(one.getAttempts(), is(1));
                if ("good".equals(one.getId())) {
                  assertThat(one.stdoutUtf8(), is("out\n"));
                  assertThat(one.stderrUtf8(), is("err\n"));
                  assertThat(one.getStdoutBytes(), is(4L));
                }
                if ("input".equals(one.getId())) {
                  assertThat(
                      one.getStdout(),
                      is(new byte[] {'i', 'n', 0, (byte) 0xff, '!', '\n', 'm', 'e'}));
                }
                if ("slow".equals(one.getId())) {
                  assertThat(one.getDurationMs(), is(greaterThanOrEqualTo(900L)));
                }
              }
              seen.removeIf(line -> line.startsWith("slow TIMED_OUT"));
              assertThat(
                  seen,
                  containsInAnyOrder(
                      "good SUCCEEDED 0",
                      "bad FAILED 3",
                      "killed FAILED 137",
                      "input SUCCEEDED 0",
                      "absent FAILED 127"));
              return null;
            });
    JobAccount account = run();
    assertThat(account.timedOut(), is(1L));
    assertThat(account.failed(), is(3L));
    assertThat(account.created(), is(6L));
    assertThat(account.closed(), is(6L));
  }

  @Test
  void givenACommandThatEatsMemory_thenItIsOutOfMemoryAndTheOthersAreNot() {
    SandboxExec.Result result =
        pipeline
            .apply(
                Create.of(
                    Command.of("python3", "-c", "x = bytearray(400 * 1024 * 1024)").withId("hog"),
                    Command.of("python3", "-c", "print(1)").withId("small")))
            .apply("Run", SandboxExec.commands().withMemory(ByteSize.ofMebibytes(64)));
    PAssert.that(result.results())
        .satisfies(
            all -> {
              for (CommandResult one : all) {
                boolean hog = "hog".equals(one.getId());
                // Where only rlimits hold, Python itself sees the limit and ends with 1.
                assertThat(one.toString(), one.status() == CommandStatus.SUCCEEDED, is(!hog));
              }
              return null;
            });
    run();
  }

  @Test
  void givenConcurrency_thenCommandsReallyRunAtOnce() {
    List<Command> commands = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      commands.add(sh("s" + i, "sleep 5"));
    }
    SandboxExec.Result result =
        pipeline
            .apply(Create.of(commands))
            .apply("Run", SandboxExec.commands().withConcurrency(16));
    PAssert.that(result.results())
        .satisfies(
            all -> {
              long most = 0;
              for (CommandResult one : all) {
                long begin = one.getStartedAt().getMillis();
                long together = 0;
                for (CommandResult other : all) {
                  long start = other.getStartedAt().getMillis();
                  together += start <= begin && begin < start + other.getDurationMs() ? 1 : 0;
                }
                most = Math.max(most, together);
              }
              assertThat("more than the runner has threads", most, is(greaterThanOrEqualTo(5L)));
              return null;
            });
    assertThat(run().succeeded(), is(16L));
  }

  @Test
  void givenIsolationOfAWorker_thenSandboxesAreReusedAndEmptiedAndReplacedWhenUnclean() {
    List<Command> commands = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      commands.add(
          sh(
              "c" + i,
              "ls -A /workspace /tmp | grep -c trace; touch trace .hidden /tmp/trace; mkdir -p d/e; touch d/e/f; chmod 0 d"));
    }
    commands.add(sh("leftover", "sleep 1000 >/dev/null 2>&1 </dev/null &"));
    commands.add(sh("late", "sleep 100").withTimeout(Duration.ofSeconds(1)));
    SandboxExec.Result result =
        pipeline
            .apply(Create.of(commands))
            .apply(
                "Run",
                SandboxExec.commands()
                    .withIsolation(Isolation.WORKER)
                    .withConcurrency(2)
                    .withMaxReuses(20));
    PAssert.that(result.results())
        .satisfies(
            all -> {
              Set<String> sandboxes = new HashSet<>();
              Map<String, Integer> uses = new HashMap<>();
              for (CommandResult one : all) {
                sandboxes.add(one.getSandboxId());
                uses.merge(one.getSandboxId(), 1, Integer::sum);
                if (one.getId().startsWith("c")) {
                  assertThat("nothing of another command is seen", one.stdoutUtf8(), is("0\n"));
                }
              }
              assertThat(sandboxes.size(), is(lessThanOrEqualTo(8)));
              assertThat(sandboxes.size(), is(greaterThanOrEqualTo(2)));
              uses.values().forEach(count -> assertThat(count, is(lessThanOrEqualTo(20))));
              return null;
            });
    JobAccount account = run();
    assertThat(account.done(), is(32L));
    assertThat(account.created(), is(lessThanOrEqualTo(8L)));
  }

  @Test
  void givenIsolationOfABundle_thenItsSandboxesEndWithIt() {
    List<Command> commands = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      commands.add(sh("c" + i, "true"));
    }
    pipeline
        .apply(Create.of(commands))
        .apply(
            "Run",
            SandboxExec.commands()
                .withIsolation(Isolation.BUNDLE)
                .withRedistribution(Redistribution.NONE)
                .withConcurrency(2));
    JobAccount account = run();
    assertThat(account.succeeded(), is(12L));
    assertThat(account.closed(), is(account.created()));
    assertThat(account.swept(), is(0L));
  }

  @Test
  void givenASandboxKilledUnderItsCommand_thenTheCommandRunsAgainInAnotherOne() throws Exception {
    SandboxExec.Result result =
        pipeline
            .apply(Create.of(sh("again", "sleep 3; echo done")))
            .apply("Run", SandboxExec.commands());
    PAssert.that(result.results())
        .satisfies(
            all -> {
              CommandResult one = all.iterator().next();
              assertThat(one.status(), is(CommandStatus.SUCCEEDED));
              assertThat(one.getAttempts(), is(2));
              return null;
            });
    CompletableFuture<JobAccount> end = CompletableFuture.supplyAsync(this::run);
    try (SandboxService other = SandboxServices.open("local")) {
      Set<Tag> mine = Set.of(Tag.PRODUCT, Tag.job(options.getJobId()));
      await().atMost(Duration.ofSeconds(60)).until(() -> isRunning(other, mine));
      Sandboxes.list(other, mine)
          .join()
          .forEach(box -> Sandboxes.delete(other, box.id().orElseThrow(), MissingOk.YES).join());
    }
    end.get(120, TimeUnit.SECONDS);
  }

  /** Whether its command has had time to begin: the sandbox is up. */
  private static boolean isRunning(SandboxService service, Set<Tag> tags) {
    return Sandboxes.list(service, tags).join().stream()
        .anyMatch(box -> box.info().join().state() == SandboxState.RUNNING);
  }

  @Test
  void givenOutputs_thenFilesAreCopiedOutWholeAndWhatIsMissingIsNamed(@TempDir Path folder)
      throws IOException {
    String to = folder.toString();
    Schema schema = Schema.builder().addStringField("name").build();
    SandboxExec.RowResult result =
        pipeline
            .apply(
                Create.of(
                        Row.withSchema(schema).addValue("one").build(),
                        Row.withSchema(schema).addValue("two").build())
                    .withRowSchema(schema))
            .apply(
                "Convert",
                SandboxExec.of(
                        "/bin/sh",
                        "-c",
                        "printf %s \"$1\" > result.html; mkdir d",
                        "sh",
                        "<{name}>")
                    .withOutput("result.html", folder + "/html/{name}.html")
                    .withOutput("/workspace/none.txt", folder + "/none/{name}.txt")
                    .withOutput("d", folder + "/d-{name}"));
    PAssert.that(result.results())
        .satisfies(
            rows -> {
              for (Row row : rows) {
                String name = row.getRow("element").getString("name");
                assertThat(
                    row.getMap("outputs"),
                    is(Map.of("result.html", to + "/html/" + name + ".html")));
                assertThat(
                    new ArrayList<Object>(row.getArray("missing_outputs")),
                    containsInAnyOrder(
                        "/workspace/none.txt: not found", "d: not copied, it is a folder"));
              }
              return null;
            });
    run();
    assertThat(Files.readString(folder.resolve("html/one.html")), is("<one>"));
    assertThat(Files.readString(folder.resolve("html/two.html")), is("<two>"));
    try (var files = Files.list(folder.resolve("html"))) {
      assertThat("no temporary file stays", files.toList(), hasSize(2));
    }
  }
}
