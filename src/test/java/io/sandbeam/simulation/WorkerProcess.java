package io.sandbeam.simulation;

import io.sandbeam.sandbox.SessionCounts;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Tag;
import io.sandbeam.transforms.SimulatedStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A worker: a session for each step, opened when it is first used, and a janitor. */
final class WorkerProcess {
  private static final Duration JANITOR_PERIOD = Duration.ofSeconds(30);
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final Plan plan;
  private final SimulatedProcess process;
  private final Function<Duty, SandboxService> services;
  private final SandboxService service;
  private final Truth truth;
  private final SimulatedStep[] open;
  private final List<Opened> everOpened = new ArrayList<>();
  private boolean over;

  private record Opened(int step, SimulatedStep worker) {}

  /**
   * @param services the process's way to the service, for each duty
   */
  WorkerProcess(
      Plan plan, SimulatedProcess process, Function<Duty, SandboxService> services, Truth truth) {
    this.plan = plan;
    this.process = process;
    this.services = services;
    this.service = services.apply(Duty.work(plan.jobId(), process.name()));
    this.truth = truth;
    this.open = new SimulatedStep[plan.steps()];
    janitor();
  }

  SimulatedProcess process() {
    return process;
  }

  /** What the sweep of a step in this process calls. */
  SandboxService sweepService(int number) {
    return services.apply(Duty.sweepOfStep(plan.jobId(), Plan.step(number)));
  }

  /** The worker of a step, as its DoFn instances get it. */
  SimulatedStep step(int number) {
    if (over) {
      throw new IllegalStateException("The job is over");
    }
    if (open[number] == null) {
      open[number] =
          new SimulatedStep(
              new SimulatedStep.Settings(
                  plan.jobId(),
                  Plan.step(number),
                  plan.isolation(),
                  plan.concurrency(),
                  plan.warm(),
                  plan.maxAttempts(),
                  TIMEOUT),
              process.name(),
              process,
              service,
              plan.slots());
      everOpened.add(new Opened(number, open[number]));
    }
    open[number].touch();
    return open[number];
  }

  /** The step is swept: its pool here ends first. */
  CompletableFuture<Void> retirePool(int number) {
    return open[number] == null
        ? CompletableFuture.completedFuture(null)
        : open[number].retirePool();
  }

  private void janitor() {
    process.schedule(
        JANITOR_PERIOD,
        () -> {
          for (int number = 0; number < open.length; number++) {
            if (open[number] != null && open[number].isForgotten()) {
              SimulatedStep forgotten = open[number];
              open[number] = null;
              CompletableFuture<Void> unused = close(forgotten, number);
            }
          }
          if (!over) {
            janitor();
          }
        });
  }

  /** Tears everything down; opens nothing any more. */
  CompletableFuture<Void> close() {
    over = true;
    List<CompletableFuture<Void>> closes = new ArrayList<>();
    for (int number = 0; number < open.length; number++) {
      if (open[number] != null) {
        closes.add(close(open[number], number));
      }
    }
    return CompletableFuture.allOf(closes.toArray(CompletableFuture<?>[]::new));
  }

  private CompletableFuture<Void> close(SimulatedStep worker, int number) {
    return worker.close().thenRun(() -> closed(worker, number));
  }

  /** A session that closed without a complaint has left nothing, and knows all that it made. */
  private void closed(SimulatedStep worker, int number) {
    SessionCounts counts = worker.counts();
    truth.trace(process, () -> "closed " + Plan.step(number) + ": " + counts);
    if (worker.tracked() == 0 && counts.live() != 0) {
      truth.broken(process + " tracks nothing, and its numbers do not add up: " + counts);
    }
    boolean only = everOpened.stream().filter(opened -> opened.step() == number).count() == 1;
    if (worker.tracked() != 0 || !only) {
      return;
    }
    Set<Tag> tags = tags(number);
    if (truth.isLive(tags)) {
      truth.broken(
          process + " closed its session of step " + Plan.step(number) + ", not its sandboxes");
    }
    if (truth.created(tags) != counts.created()) {
      truth.broken(
          process
              + " closed its session and made "
              + truth.created(tags)
              + " sandboxes, not "
              + counts.created());
    }
  }

  private Set<Tag> tags(int number) {
    return Set.of(
        Tag.PRODUCT,
        Tag.job(plan.jobId()),
        Tag.step(Plan.step(number)),
        Tag.worker(process.name()));
  }

  /** At the end of all: a session never claims more than there was, dead or alive. */
  void checkCounts() {
    for (int number = 0; number < plan.steps(); number++) {
      long claimed = 0;
      for (Opened opened : everOpened) {
        claimed += opened.step() == number ? opened.worker().counts().created() : 0;
      }
      long made = truth.created(tags(number));
      if (claimed > made) {
        truth.broken(process + " claims " + claimed + " sandboxes and made " + made);
      }
    }
  }
}
