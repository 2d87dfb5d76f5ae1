package io.sandbeam.transforms;

import io.sandbeam.service.ExecRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.joda.time.Instant;

/** The product's own bundle, in the hands of a simulated runner. */
public final class SimulatedBundle {
  private final BundleRun run = new BundleRun(new ExecMetrics());
  private final ExecRequest request;

  /** An element's outcome, as the runner's thread sees it. */
  public interface Outcomes {
    /** Its command ran. */
    void ran(int element);

    /** Its command could not be run; may throw, and fails the bundle then. */
    void notRun(int element, String why);
  }

  SimulatedBundle(ExecConfig exec) {
    this.request =
        ExecRequest.builder("run", "it")
            .timeout(exec.timeout())
            .maxOutputBytes(exec.maxOutputBytes())
            .build();
  }

  /**
   * Hands an element over, if there is room.
   *
   * @param through the step's worker as it is now
   * @throws RuntimeException when the bundle fails
   */
  public boolean submit(SimulatedStep through, int element, Outcomes outcomes) {
    // The place of an element in event time is its number here.
    BundleRun.Place place = new BundleRun.Place(null, Instant.ofEpochMilli(element), List.of());
    CommandPlan plan = new CommandPlan(Command.of("run", "it"), Map.of());
    return run.trySubmit(through.worker(), plan, request, place, emitter(outcomes), 0);
  }

  /**
   * Whether all elements have their outcome, and nothing is under way.
   *
   * @throws RuntimeException when the bundle fails
   */
  public boolean isFinished(Outcomes outcomes) {
    return run.isFinished(emitter(outcomes));
  }

  /** The last thing of a bundle. */
  public CompletableFuture<Void> retire() {
    return run.retireOwn();
  }

  /** Ends its commands: it will be run again. */
  public void giveUp() {
    run.giveUp();
    CompletableFuture<Void> unused = run.retireOwn();
  }

  private static BundleRun.Emitter emitter(Outcomes outcomes) {
    return finished -> {
      int element = (int) finished.place().timestamp().getMillis();
      if (finished.outcome() instanceof Outcome.NotRun notRun) {
        outcomes.notRun(element, notRun.message());
      } else {
        outcomes.ran(element);
      }
    };
  }
}
