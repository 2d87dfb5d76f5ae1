package io.sandbeam.yaml;

import io.sandbeam.yaml.Step.Body;
import io.sandbeam.yaml.Step.Outputs;
import io.sandbeam.yaml.TransformType.Arity;
import io.sandbeam.yaml.Wiring.Source;
import io.sandbeam.yaml.Wiring.Wired;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/** The steps of a chain or composite, wired and applied. */
final class Composite extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  private static final long serialVersionUID = 1;
  private static final String INPUT = "input";

  private final transient Body body;
  private final transient Wired wired;
  private final transient List<PTransform<PCollectionRowTuple, PCollectionRowTuple>> transforms =
      new ArrayList<>();

  /** Checks everything that can be checked without data: types, keys, values, references. */
  Composite(Step step, TransformTypes types) {
    this.body = step.body().orElseThrow();
    this.wired = Wiring.wire(body, step.inputs().keySet());
    for (Step inner : body.steps()) {
      transforms.add(inner.body().isPresent() ? new Composite(inner, types) : leaf(inner, types));
    }
  }

  private static PTransform<PCollectionRowTuple, PCollectionRowTuple> leaf(
      Step step, TransformTypes types) {
    TransformType type = types.find(step);
    Arity arity = type.arity();
    if (arity == Arity.NONE && !step.inputs().isEmpty()) {
      throw step.location()
          .error(NearestName.quoted(step.label()) + " reads from outside and takes no 'input'");
    }
    if ((arity == Arity.ONE || arity == Arity.SEVERAL) && step.inputs().isEmpty()) {
      throw step.location()
          .error(
              NearestName.quoted(step.label())
                  + " needs an 'input': the name of the transform whose rows it reads");
    }
    if (arity == Arity.ONE && step.inputs().size() > 1) {
      throw step.location()
          .error(
              NearestName.quoted(step.label())
                  + " takes one input, not "
                  + step.inputs().size()
                  + ": "
                  + NearestName.list(step.inputs().keySet()));
    }
    return type.create(Config.of(step.type(), step.config(), type.keys()));
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple outer) {
    Map<Integer, StepOutputs> done = new LinkedHashMap<>();
    Set<String> labels = new HashSet<>();
    for (int index : wired.order()) {
      Step step = body.steps().get(index);
      PCollectionRowTuple inputs = inputs(outer, done, index);
      String label = label(step);
      String unique = labels.add(label) ? label : label + "@" + step.location().line();
      labels.add(unique);
      done.put(index, StepOutputs.of(step, apply(step, unique, inputs, transforms.get(index))));
    }
    return outputs(outer, done);
  }

  private static String label(Step step) {
    return step.name()
        .orElse(
            step.body().isEmpty()
                ? step.type()
                : step.type().equals(StepParser.CHAIN) ? "Chain" : "Composite");
  }

  private static PCollectionRowTuple apply(
      Step step,
      String name,
      PCollectionRowTuple inputs,
      PTransform<PCollectionRowTuple, PCollectionRowTuple> transform) {
    try {
      return inputs.apply(name, transform);
    } catch (PipelineFileException e) {
      throw e;
    } catch (RuntimeException e) {
      throw step.location().error(NearestName.quoted(step.label()) + ": " + Causes.message(e), e);
    }
  }

  private PCollectionRowTuple inputs(
      PCollectionRowTuple outer, Map<Integer, StepOutputs> done, int index) {
    Step step = body.steps().get(index);
    Map<String, PCollection<Row>> inputs = new LinkedHashMap<>();
    Map<String, List<Source>> wanted = wired.inputs().get(index);
    boolean isOnlyOne = step.body().isEmpty() && wanted.size() == 1;
    for (Map.Entry<String, List<Source>> entry : wanted.entrySet()) {
      String name = isOnlyOne ? INPUT : entry.getKey();
      Map<String, PCollection<Row>> parts = new LinkedHashMap<>();
      for (Source source : entry.getValue()) {
        parts.put(name + parts.size(), rows(outer, done, source));
      }
      if (parts.size() == 1) {
        inputs.put(name, parts.values().iterator().next());
      } else if (step.type().equals("Flatten")) {
        inputs.putAll(parts);
      } else {
        inputs.put(name, flattened(step, name, tuple(outer, parts)));
      }
    }
    return tuple(outer, inputs);
  }

  /** A list of inputs means all of their rows, as in Beam YAML. */
  private static PCollection<Row> flattened(Step step, String name, PCollectionRowTuple parts) {
    String label = step.label() + "-Flatten[" + name + "]@" + step.location().line();
    return parts.apply(label, new FlattenRows(step.location())).get(FlattenRows.OUTPUT);
  }

  private static PCollectionRowTuple tuple(
      PCollectionRowTuple outer, Map<String, PCollection<Row>> parts) {
    PCollectionRowTuple tuple = PCollectionRowTuple.empty(outer.getPipeline());
    for (Map.Entry<String, PCollection<Row>> part : parts.entrySet()) {
      tuple = tuple.and(part.getKey(), part.getValue());
    }
    return tuple;
  }

  private static PCollection<Row> rows(
      PCollectionRowTuple outer, Map<Integer, StepOutputs> done, Source source) {
    if (source instanceof Source.Outer input) {
      return outer.get(input.name());
    }
    Source.Inner inner = (Source.Inner) source;
    return done.get(inner.step()).get(inner.output(), inner.location());
  }

  private PCollectionRowTuple outputs(PCollectionRowTuple outer, Map<Integer, StepOutputs> done) {
    Map<String, PCollection<Row>> shown = new LinkedHashMap<>();
    if (body.outputs() instanceof Outputs.AllOf all) {
      shown.putAll(done.get(all.step()).byName());
    } else {
      wired.outputs().forEach((name, source) -> shown.put(name, rows(outer, done, source)));
    }
    return tuple(outer, shown);
  }
}
