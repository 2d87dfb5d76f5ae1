package io.sandbeam.transforms;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Network;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Redistribute;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.util.SerializableUtils;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.POutput;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;

/**
 * Runs a command in a sandbox for each element, and gives its result as an element.
 *
 * <pre>{@code
 * SandboxExec.Result graded =
 *     commands.apply("Grade", SandboxExec.commands().withImage("python:3.11").withTimeout(Duration.ofSeconds(10)));
 * graded.results().apply("Write", …);    // ran: succeeded, failed, timed out, out of memory
 * graded.failures().apply("Keep", …);    // could not be run: element and reason
 * }</pre>
 *
 * <p>For rows of any schema, {@link #of} takes a command in which {@code {field}} stands for the
 * value of a field. It stays inside one argument, is never split and meets no shell, so data cannot
 * become a command.
 *
 * <p>A command that ran is a result whatever its exit code. When the infrastructure fails, the
 * command runs again in another sandbox, {@link #withMaxAttempts} times in all; a bundle that the
 * runner retries runs its commands again, too. So a command may run more than once: what it does
 * outside its sandbox should bear that.
 *
 * <p>Sandboxes carry the tags of the job, the step and the worker. They are ended after use, by the
 * worker's session, by their lifetime and, for a bounded input, by a sweep inside this transform
 * when all results and failures are committed. A pipeline that fails does not get there: {@link
 * SandboxJob} sweeps then. Results keep the timestamps and windows of their elements; their pane is
 * lost.
 *
 * <p>Output is held in memory until it is emitted: twice {@link #withMaxOutputBytes} for each
 * command in flight, and never more than a quarter of the heap for a worker's step, but for one
 * command of each bundle.
 *
 * @param <InputT> {@link Command} or {@link Row}
 * @param <OutputT> {@link Result} or {@link RowResult}
 */
public final class SandboxExec<InputT, OutputT extends POutput>
    extends PTransform<PCollection<InputT>, OutputT> implements UsesSandboxes {
  private static final long serialVersionUID = 1;
  private static final String ROWS = "Rows";

  private final ExecFace<InputT, OutputT> face;
  private final ExecConfig config;

  private SandboxExec(ExecFace<InputT, OutputT> face, ExecConfig config) {
    this.face = face;
    this.config = config;
  }

  /** What comes of a {@code PCollection<Command>}. */
  public static final class Result extends ExecOutput<CommandResult, CommandFailure> {
    Result(
        PCollection<CommandResult> results,
        PCollection<CommandFailure> failures,
        FailureRoute route) {
      super(results, failures, route);
    }
  }

  /**
   * What comes of a {@code PCollection<Row>}: the fields of a result, and the row as {@code
   * element}.
   */
  public static final class RowResult extends ExecOutput<Row, Row> {
    RowResult(PCollection<Row> results, PCollection<Row> failures, FailureRoute route) {
      super(results, failures, route);
    }
  }

  /** Each element is a command. */
  public static SandboxExec<Command, Result> commands() {
    return new SandboxExec<>(ExecFace.commands(), ExecConfig.defaults(CommandTemplate.none()));
  }

  /**
   * Each element is a row with the fields of a {@link Command}; only {@code command} is required.
   */
  public static SandboxExec<Row, RowResult> rows() {
    return new SandboxExec<>(ExecFace.rows(), ExecConfig.defaults(CommandTemplate.none()));
  }

  /**
   * Each element is a row of any schema, and this is its command, with {@code {field}}s. The field
   * {@code id}, if there is one, becomes the result's id.
   */
  public static SandboxExec<Row, RowResult> of(String... command) {
    return of(Arrays.asList(command));
  }

  /** As {@link #of(String...)}. */
  public static SandboxExec<Row, RowResult> of(List<String> command) {
    return new SandboxExec<>(ExecFace.rows(), ExecConfig.defaults(CommandTemplate.of(command)));
  }

  /** The image; what names there are is the service's. Its default unless set. */
  public SandboxExec<InputT, OutputT> withImage(String image) {
    return with(config -> config.image(image));
  }

  /**
   * What each command is called in its result, with {@code {field}}s; the element's own {@code id}
   * unless set. Commands that have an id keep it.
   */
  public SandboxExec<InputT, OutputT> withId(String id) {
    return template(template -> template.id(id));
  }

  /** How long a command may run, unless it says so itself; 5 minutes unless set. */
  public SandboxExec<InputT, OutputT> withTimeout(Duration timeout) {
    return with(config -> config.timeout(positive("timeout", timeout)));
  }

  /**
   * How many commands run at a time on one worker, all its threads together; {@code --concurrency},
   * or twice the worker's processors, unless set. While a command's sandbox ends the next command
   * may start: at most as many sandboxes again are ending.
   */
  public SandboxExec<InputT, OutputT> withConcurrency(int commands) {
    return with(config -> config.concurrency(atLeastOne("concurrency", commands)));
  }

  /** How many commands share a sandbox; none unless set. */
  public SandboxExec<InputT, OutputT> withIsolation(Isolation isolation) {
    return with(config -> config.isolation(isolation));
  }

  /** The memory of a sandbox. */
  public SandboxExec<InputT, OutputT> withMemory(ByteSize memory) {
    return with(builder -> builder.resources(config.resources().withMemory(memory)));
  }

  /** The processor time of a sandbox, in thousandths of a core. */
  public SandboxExec<InputT, OutputT> withCpuMillis(int millis) {
    return with(
        builder -> builder.resources(config.resources().withCpuMillis(atLeastOne("cpu", millis))));
  }

  /** The space in {@code /workspace}. */
  public SandboxExec<InputT, OutputT> withDisk(ByteSize disk) {
    return with(builder -> builder.resources(config.resources().withDisk(disk)));
  }

  /** The processes and threads of a sandbox. */
  public SandboxExec<InputT, OutputT> withProcesses(int processes) {
    return with(
        builder ->
            builder.resources(
                config.resources().withProcesses(atLeastOne("processes", processes))));
  }

  /** What of the network a sandbox reaches; nothing unless set. */
  public SandboxExec<InputT, OutputT> withNetwork(Network network) {
    return with(config -> config.network(network));
  }

  /** Adds a variable of every command; {@code {field}}s are replaced in its value. */
  public SandboxExec<InputT, OutputT> withEnv(String name, String value) {
    return template(template -> template.env(plus(config.template().env(), name, value)));
  }

  /**
   * What every command reads, with {@code {field}}s; a field of bytes alone gives exactly these.
   */
  public SandboxExec<InputT, OutputT> withStdin(String text) {
    return template(template -> template.stdin(text));
  }

  /**
   * Adds a file that is there before the command starts; {@code {field}}s are replaced in its path
   * and content. A relative path is under {@code /workspace}.
   */
  public SandboxExec<InputT, OutputT> withFile(String path, String content) {
    return template(template -> template.files(plus(config.template().files(), path, content)));
  }

  /**
   * Adds a file that is copied out after the command, to any file system that Beam knows; {@code
   * {field}}s are replaced in both. It replaces what is at the destination, which is only ever a
   * whole file. Up to 1 GiB, in pieces above 32 MiB; a file that is larger, or not there, is named
   * in {@code missing_outputs}.
   */
  public SandboxExec<InputT, OutputT> withOutput(String path, String destination) {
    return template(
        template -> template.outputs(plus(config.template().outputs(), path, destination)));
  }

  /** Whether {@code {field}}s are replaced; yes unless set. */
  public SandboxExec<InputT, OutputT> withInterpolate(Interpolate interpolate) {
    return template(template -> template.interpolate(interpolate));
  }

  /** Adds tags to the sandboxes: what else they can be listed and swept by. */
  public SandboxExec<InputT, OutputT> withTags(String... tags) {
    Tag.setOf(tags);
    return with(
        builder -> {
          List<String> all = new ArrayList<>(config.tags());
          all.addAll(Arrays.asList(tags));
          return builder.tags(List.copyOf(all));
        });
  }

  /**
   * When the service ends a sandbox by itself, whatever happens to us. Unless set: a minute more
   * than the time limit of its command, or half an hour when commands share it.
   */
  public SandboxExec<InputT, OutputT> withMaxLifetime(Duration lifetime) {
    return with(config -> config.maxLifetime(positive("max lifetime", lifetime)));
  }

  /** What is kept of each stream of a command's output, in bytes; 1 MiB unless set. */
  public SandboxExec<InputT, OutputT> withMaxOutputBytes(int bytes) {
    if (bytes < 0 || bytes > MAX_OUTPUT_BYTES) {
      throw new IllegalArgumentException(
          "Invalid max output bytes "
              + bytes
              + ": at least 0, at most "
              + MAX_OUTPUT_BYTES
              + "; some runners stop at rows above 80 MB. Let the command write a file, and copy it out with an output");
    }
    return with(config -> config.maxOutputBytes(bytes));
  }

  /** The most that is kept of one stream: 32 MiB. */
  static final int MAX_OUTPUT_BYTES = 32 << 20;

  /** How often a command is tried in all when the infrastructure fails; 3 unless set. */
  public SandboxExec<InputT, OutputT> withMaxAttempts(int attempts) {
    return with(config -> config.maxAttempts(atLeastOne("max attempts", attempts)));
  }

  /** After how many commands a shared sandbox is replaced; 200 unless set. */
  public SandboxExec<InputT, OutputT> withMaxReuses(int commands) {
    return with(config -> config.maxReuses(atLeastOne("max reuses", commands)));
  }

  /** Whether elements are spread over the workers first; yes unless set. */
  public SandboxExec<InputT, OutputT> withRedistribution(Redistribution redistribution) {
    return with(config -> config.redistribution(redistribution));
  }

  @Override
  public OutputT expand(PCollection<InputT> input) {
    PipelineOptions options = input.getPipeline().getOptions();
    SandboxTemplates.refuse(options);
    ExecConfig checked = config.validated();
    PCollection<Row> elements = face.toRows(ROWS, input);
    StepConfig step = step(options, StepName.of(elements, ROWS), checked);
    FailureRoute route = new FailureRoute();
    ExecRows outcomes = run(spread(elements, step), step, route);
    if (input.isBounded() == IsBounded.BOUNDED) {
      Signals.of(List.of(outcomes.results(), outcomes.failures()))
          .apply("Sweep", SandboxSweep.ofStep(step.step()));
    }
    return face.output(outcomes, route);
  }

  private static StepConfig step(PipelineOptions options, String name, ExecConfig config) {
    // All is fixed here, once: options are read anew, and defaults made anew, on every worker.
    String jobId = SandboxOptions.jobId(options);
    ServiceConfig service = SandboxOptions.serviceConfig(options);
    int concurrency =
        config.concurrency() > 0
            ? config.concurrency()
            : options.as(SandboxOptions.class).getConcurrency();
    int warm = SandboxOptions.warm(options);
    int workers = WorkerCount.of(options);
    StepConfig step = new StepConfig(jobId, name, service, config, concurrency, warm, workers);
    Worker.defaults(step, WorkerId.ofThisJvm());
    return step;
  }

  private PCollection<Row> spread(PCollection<Row> elements, StepConfig step) {
    PipelineOptions options = elements.getPipeline().getOptions();
    boolean direct = DirectRunnerOptions.isChosen(options);
    boolean spreads = config.redistribution() == Redistribution.ARBITRARILY;
    if (direct && spreads && elements.isBounded() == IsBounded.BOUNDED) {
      return elements.apply(
          "Redistribute", new DirectSpread<>(DirectRunnerOptions.threads(options)));
    }
    if (direct) {
      DirectRunnerOptions.raiseThreads(options, step.concurrencyHere());
    }
    if (!spreads) {
      return elements;
    }
    boolean inOneWindow = elements.getWindowingStrategy().getWindowFn().assignsToOneWindow();
    return (inOneWindow ? elements : WindowByWindow.apart(elements))
        .apply("Redistribute", Redistribute.arbitrarily());
  }

  private ExecRows run(PCollection<Row> elements, StepConfig step, FailureRoute route) {
    TupleTag<Row> results = new TupleTag<>("results");
    TupleTag<Row> failures = new TupleTag<>("failures");
    ResultRows rows = new ResultRows(elements.getSchema());
    RowPlanner planner = RowPlanner.bind(step.exec().template(), elements.getSchema());
    SandboxExecFn fn = new SandboxExecFn(step, planner, rows, route, results, failures);
    SerializableUtils.ensureSerializable(fn);
    PCollectionTuple outcomes =
        elements.apply(
            "RunCommands", ParDo.of(fn).withOutputTags(results, TupleTagList.of(failures)));
    return new ExecRows(
        outcomes.get(results).setRowSchema(rows.results()),
        outcomes.get(failures).setRowSchema(rows.failures()));
  }

  /** For people and monitoring: no argument, input, variable's value or file content. */
  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    CommandTemplate template = config.template();
    String program = template.command() == null ? null : template.command().get(0);
    builder
        .addIfNotNull(DisplayData.item("program", program).withLabel("Program"))
        .addIfNotNull(DisplayData.item("image", config.image()).withLabel("Image"))
        .add(DisplayData.item("timeout", Durations.format(config.timeout())).withLabel("Timeout"))
        .add(DisplayData.item("isolation", config.isolation().name()).withLabel("Isolation"))
        .add(DisplayData.item("network", config.network().name()).withLabel("Network"))
        .add(DisplayData.item("maxAttempts", config.maxAttempts()).withLabel("Attempts"))
        .add(
            DisplayData.item("env", String.join(", ", template.env().keySet()))
                .withLabel("Names of variables"));
  }

  private SandboxExec<InputT, OutputT> with(UnaryOperator<ExecConfig.Builder> change) {
    return new SandboxExec<>(face, change.apply(config.toBuilder()).build());
  }

  private SandboxExec<InputT, OutputT> template(UnaryOperator<CommandTemplate.Builder> change) {
    return with(builder -> builder.template(change.apply(config.template().toBuilder()).build()));
  }

  private static Map<String, String> plus(Map<String, String> map, String name, String value) {
    Map<String, String> more = new TreeMap<>(map);
    more.put(name, value);
    return more;
  }

  private static Duration positive(String name, Duration duration) {
    if (duration.isZero() || duration.isNegative()) {
      throw new IllegalArgumentException(
          "Invalid " + name + " " + duration + ": it must be above zero");
    }
    return duration;
  }

  private static int atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "Invalid " + name + " " + value + ": it must be at least 1");
    }
    return value;
  }
}
