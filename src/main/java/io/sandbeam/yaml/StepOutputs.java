package io.sandbeam.yaml;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/** What a step puts out, by the names that references use. */
record StepOutputs(Step step, Map<String, PCollection<Row>> byName) {

  static StepOutputs of(Step step, PCollectionRowTuple tuple) {
    return new StepOutputs(step, new LinkedHashMap<>(tuple.getAll()));
  }

  PCollection<Row> get(Optional<String> output, Location from) {
    return output.map(name -> named(name, from)).orElseGet(() -> main(from));
  }

  private PCollection<Row> named(String output, Location from) {
    PCollection<Row> found = byName.get(output);
    if (found != null) {
      return found;
    }
    throw from.error(
        NearestName.quoted(step.label())
            + " has no output "
            + NearestName.quoted(output)
            + NearestName.hint(output, byName.keySet())
            + there());
  }

  /** The only output, or the only one that is not for failed rows. */
  private PCollection<Row> main(Location from) {
    Map<String, PCollection<Row>> candidates = new LinkedHashMap<>(byName);
    Config.errorOutput(step.config()).ifPresent(candidates::remove);
    if (candidates.size() == 1) {
      return candidates.values().iterator().next();
    }
    throw from.error(
        NearestName.quoted(step.label())
            + (candidates.isEmpty()
                ? " has no output to read"
                : " has several outputs; say which, as " + step.label() + ".NAME")
            + there());
  }

  private String there() {
    return byName.isEmpty() ? "" : "; it has: " + NearestName.list(byName.keySet());
  }
}
