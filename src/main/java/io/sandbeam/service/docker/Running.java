package io.sandbeam.service.docker;

import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The commands of one container that run, by number and by slot. Guarded by its {@link Commands}.
 */
final class Running {
  /** Commands at once in one container, beside its main process. */
  private static final int MOST = 256;

  private final Map<Long, Execution> executions = new LinkedHashMap<>();
  private final BitSet slots = new BitSet();

  /** A slot that nobody has. */
  int freeSlot(Job job) {
    if (job.kind() == Job.Kind.MAIN) {
      return MOST;
    }
    int slot = slots.nextClearBit(0);
    if (slot >= MOST) {
      throw new SandboxResourceExhaustedException(
          "The sandbox runs " + MOST + " commands already", null, null);
    }
    return slot;
  }

  /** From now on it runs, beside those that have not ended. */
  void add(Execution execution) {
    if (!executions.isEmpty()) {
      executions.values().stream()
          .filter(other -> other.exit == null)
          .forEach(other -> other.overlapped = true);
      execution.overlapped = true;
    }
    slots.set(execution.slot);
    executions.put(execution.number, execution);
  }

  void remove(Execution execution) {
    executions.remove(execution.number);
    slots.clear(execution.slot);
  }

  List<Execution> removeAll() {
    List<Execution> all = new ArrayList<>(executions.values());
    executions.clear();
    return all;
  }

  boolean has(Execution execution) {
    return executions.containsKey(execution.number);
  }

  Optional<Execution> of(long number) {
    return Optional.ofNullable(executions.get(number));
  }

  Optional<Execution> at(int slot) {
    return executions.values().stream().filter(one -> one.slot == slot).findFirst();
  }

  Optional<Execution> endingWith(CompletableFuture<Ended> future) {
    return executions.values().stream().filter(one -> one.ended == future).findFirst();
  }

  /** In the order in which they began. */
  Collection<Execution> all() {
    return Collections.unmodifiableCollection(executions.values());
  }

  /** Those of which output can still come. */
  List<Execution> speaking() {
    return executions.values().stream().filter(one -> one.speaks() && !one.isDrained()).toList();
  }

  boolean isEmpty() {
    return executions.isEmpty();
  }

  int size() {
    return executions.size();
  }
}
