package io.sandbeam.transforms;

import java.util.Map;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PInput;
import org.apache.beam.sdk.values.POutput;
import org.apache.beam.sdk.values.PValue;
import org.apache.beam.sdk.values.TupleTag;

/** Results and failures of a step. */
abstract class ExecOutput<ResultT, FailureT> implements POutput {
  private final TupleTag<ResultT> resultsTag = new TupleTag<>();
  private final TupleTag<FailureT> failuresTag = new TupleTag<>();
  private final PCollection<ResultT> results;
  private final PCollection<FailureT> failures;
  private final FailureRoute route;

  ExecOutput(PCollection<ResultT> results, PCollection<FailureT> failures, FailureRoute route) {
    this.results = results;
    this.failures = failures;
    this.route = route;
  }

  /** The commands that ran, whatever came of them. */
  public PCollection<ResultT> results() {
    return results;
  }

  /**
   * The elements whose commands could not be run, and why. Asking for them, before the pipeline
   * runs, makes them data; if nobody asks, the first one fails the pipeline, so that none is lost
   * silently.
   */
  public PCollection<FailureT> failures() {
    route.toOutput();
    return failures;
  }

  @Override
  public Pipeline getPipeline() {
    return results.getPipeline();
  }

  @Override
  public Map<TupleTag<?>, PValue> expand() {
    return Map.of(resultsTag, results, failuresTag, failures);
  }

  @Override
  public void finishSpecifyingOutput(
      String transformName, PInput input, PTransform<?, ?> transform) {}
}
