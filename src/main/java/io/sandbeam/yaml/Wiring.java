package io.sandbeam.yaml;

import io.sandbeam.yaml.Step.Body;
import io.sandbeam.yaml.Step.Outputs;
import io.sandbeam.yaml.Step.Reference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds what each reference of a composite's body means, and an order in which every step comes
 * after those it reads. A step is known by its name and by its type, as in Beam YAML.
 */
final class Wiring {

  /** What a reference means. */
  sealed interface Source {
    /** An input of the composite. */
    record Outer(String name) implements Source {}

    /** An output of a step of the body; the main one when none is named. */
    record Inner(int step, Optional<String> output, Location location) implements Source {}
  }

  private final List<Step> steps;
  private final Collection<String> outer;
  private final Map<String, Set<Integer>> byName = new TreeMap<>();

  private Wiring(Body body, Collection<String> outer) {
    this.steps = body.steps();
    this.outer = outer;
    for (int i = 0; i < steps.size(); i++) {
      int index = i;
      Step step = steps.get(i);
      step.name()
          .ifPresent(name -> byName.computeIfAbsent(name, key -> new LinkedHashSet<>()).add(index));
      byName.computeIfAbsent(step.type(), key -> new LinkedHashSet<>()).add(index);
    }
  }

  /**
   * A body with every reference resolved.
   *
   * @param inputs of each step, by name
   * @param outputs of the body
   * @param order a walk over all steps, each after those it reads
   */
  record Wired(
      List<Map<String, List<Source>>> inputs, Map<String, Source> outputs, List<Integer> order) {}

  static Wired wire(Body body, Collection<String> outer) {
    return new Wiring(body, outer).wire(body.outputs());
  }

  private Wired wire(Outputs outputs) {
    refuseSameNames();
    List<Map<String, List<Source>>> inputs = new ArrayList<>();
    for (Step step : steps) {
      Map<String, List<Source>> sources = new LinkedHashMap<>();
      step.inputs()
          .forEach(
              (name, references) ->
                  sources.put(
                      name,
                      references.stream().map(one -> resolve(one, step.location())).toList()));
      inputs.add(sources);
    }
    Map<String, Source> shown = new LinkedHashMap<>();
    if (outputs instanceof Outputs.Named named) {
      named
          .references()
          .forEach((name, one) -> shown.put(name, resolve(one, steps.get(0).location())));
    }
    requireErrorsConsumed(inputs, shown);
    return new Wired(inputs, shown, order(inputs));
  }

  private void refuseSameNames() {
    Map<String, Step> named = new LinkedHashMap<>();
    for (Step step : steps) {
      step.name()
          .ifPresent(
              name -> {
                Step earlier = named.putIfAbsent(name, step);
                if (earlier != null) {
                  throw step.location()
                      .error(
                          "name "
                              + NearestName.quoted(name)
                              + " is given twice; the transform on line "
                              + earlier.location().line()
                              + " has it already");
                }
              });
    }
  }

  private Source resolve(Reference reference, Location from) {
    if (reference instanceof Reference.Indexed indexed) {
      return new Source.Inner(indexed.step(), indexed.output(), from);
    }
    Reference.Named named = (Reference.Named) reference;
    String text = named.text();
    if (outer.contains(text)) {
      return new Source.Outer(text);
    }
    if (byName.containsKey(text)) {
      return new Source.Inner(only(text, named.location()), Optional.empty(), named.location());
    }
    int dot = text.lastIndexOf('.');
    if (dot > 0 && byName.containsKey(text.substring(0, dot))) {
      int step = only(text.substring(0, dot), named.location());
      return new Source.Inner(step, Optional.of(text.substring(dot + 1)), named.location());
    }
    Set<String> known = new LinkedHashSet<>(outer);
    steps.forEach(step -> known.add(step.label()));
    String asked = dot > 0 ? text.substring(0, dot) : text;
    throw named
        .location()
        .error(
            "nothing here is named "
                + NearestName.quoted(asked)
                + NearestName.hint(asked, known)
                + "; there are: "
                + NearestName.list(known));
  }

  private int only(String name, Location location) {
    Set<Integer> candidates = byName.get(name);
    if (candidates.size() == 1) {
      return candidates.iterator().next();
    }
    String lines =
        String.join(
            ", ",
            candidates.stream()
                .map(steps::get)
                .map(step -> step.label() + " (line " + step.location().line() + ")")
                .toList());
    throw location.error(
        NearestName.quoted(name)
            + " may mean any of "
            + lines
            + "; give each a 'name' and use that");
  }

  /** As in Beam YAML: an output for failed rows that nobody reads would be data lost in silence. */
  private void requireErrorsConsumed(
      List<Map<String, List<Source>>> inputs, Map<String, Source> shown) {
    Set<String> consumed = new HashSet<>();
    inputs.forEach(
        map -> map.values().forEach(list -> list.forEach(source -> note(consumed, source))));
    shown.values().forEach(source -> note(consumed, source));
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      Optional<String> output = Config.errorOutput(step.config());
      if (output.isPresent() && !consumed.contains(i + "." + output.get())) {
        throw step.location()
            .error(
                "the error output "
                    + NearestName.quoted(step.label() + "." + output.get())
                    + " is not read by any transform; read it (input: "
                    + step.label()
                    + "."
                    + output.get()
                    + "), or leave out error_handling so that a failed row fails the pipeline");
      }
    }
  }

  private static void note(Set<String> consumed, Source source) {
    if (source instanceof Source.Inner inner && inner.output().isPresent()) {
      consumed.add(inner.step() + "." + inner.output().get());
    }
  }

  private List<Integer> order(List<Map<String, List<Source>>> inputs) {
    List<Set<Integer>> readers = new ArrayList<>();
    int[] missing = new int[steps.size()];
    steps.forEach(step -> readers.add(new LinkedHashSet<>()));
    for (int i = 0; i < steps.size(); i++) {
      for (int source : sources(inputs.get(i))) {
        readers.get(source).add(i);
        missing[i]++;
      }
    }
    Deque<Integer> ready = new ArrayDeque<>();
    for (int i = 0; i < missing.length; i++) {
      if (missing[i] == 0) {
        ready.add(i);
      }
    }
    List<Integer> order = new ArrayList<>();
    while (!ready.isEmpty()) {
      int next = ready.remove();
      order.add(next);
      for (int reader : readers.get(next)) {
        if (--missing[reader] == 0) {
          ready.add(reader);
        }
      }
    }
    if (order.size() < steps.size()) {
      throw cycle(inputs, new HashSet<>(order));
    }
    return order;
  }

  private static Set<Integer> sources(Map<String, List<Source>> inputs) {
    Set<Integer> sources = new LinkedHashSet<>();
    for (List<Source> list : inputs.values()) {
      for (Source source : list) {
        if (source instanceof Source.Inner inner) {
          sources.add(inner.step());
        }
      }
    }
    return sources;
  }

  /** Every step that is left reads one that is left: walking on, we must come round. */
  private PipelineFileException cycle(List<Map<String, List<Source>>> inputs, Set<Integer> done) {
    List<Integer> walk = new ArrayList<>();
    int step = 0;
    while (done.contains(step)) {
      step++;
    }
    while (!walk.contains(step)) {
      walk.add(step);
      step =
          sources(inputs.get(step)).stream()
              .filter(one -> !done.contains(one))
              .findFirst()
              .orElseThrow();
    }
    List<Integer> round = new ArrayList<>(walk.subList(walk.indexOf(step), walk.size()));
    round.add(step);
    String names =
        String.join(" reads ", round.stream().map(one -> steps.get(one).label()).toList());
    return steps
        .get(step)
        .location()
        .error("these transforms read each other in a circle: " + names);
  }
}
