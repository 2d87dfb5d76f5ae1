package io.sandbeam.testing;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Decides, call by call and by counting only, what goes wrong. Safe for any number of threads. */
final class Faults {

  /** What happens to one call. */
  interface Fault {
    <T> void apply(
        SimulatedTime time, Supplier<CompletableFuture<T>> effect, CompletableFuture<T> answer);
  }

  /** Which of the calls: every nth one, counted from when the rule was made. */
  private static final class EveryNth {
    private final int n;
    private final Fault fault;
    private int seen;

    EveryNth(int n, Fault fault) {
      if (n < 1) {
        throw new IllegalArgumentException("Every " + n + "th call: it must be at least 1");
      }
      this.n = n;
      this.fault = fault;
    }
  }

  private static final Fault NONE =
      new Fault() {
        @Override
        public <T> void apply(
            SimulatedTime time,
            Supplier<CompletableFuture<T>> effect,
            CompletableFuture<T> answer) {
          pass(effect, answer);
        }
      };

  private final Map<Operation, Deque<Fault>> next = new EnumMap<>(Operation.class);
  private final Map<Operation, EveryNth> periodic = new EnumMap<>(Operation.class);
  private final Map<Operation, Duration> latency = new EnumMap<>(Operation.class);
  private EveryNth everyCall;

  synchronized void everyNth(int n, Fault fault) {
    everyCall = new EveryNth(n, fault);
  }

  synchronized void everyNth(Operation operation, int n, Fault fault) {
    periodic.put(operation, new EveryNth(n, fault));
  }

  synchronized void next(Operation operation, int calls, Fault fault) {
    Deque<Fault> queue = next.computeIfAbsent(operation, any -> new ArrayDeque<>());
    for (int i = 0; i < calls; i++) {
      queue.add(fault);
    }
  }

  synchronized void latency(Operation operation, Duration duration) {
    latency.put(operation, duration);
  }

  synchronized Duration latency(Operation operation) {
    return latency.getOrDefault(operation, Duration.ZERO);
  }

  synchronized void clear() {
    next.clear();
    periodic.clear();
    latency.clear();
    everyCall = null;
  }

  /**
   * What happens to this call: a fault ordered for it, else the operation's rule, else the general
   * one.
   */
  synchronized Fault forCall(Operation operation) {
    boolean general = hit(everyCall);
    boolean own = hit(periodic.get(operation));
    Deque<Fault> queue = next.get(operation);
    if (queue != null && !queue.isEmpty()) {
      return queue.poll();
    }
    if (own) {
      return periodic.get(operation).fault;
    }
    return general ? everyCall.fault : NONE;
  }

  private static boolean hit(EveryNth rule) {
    return rule != null && ++rule.seen % rule.n == 0;
  }

  /** The request never arrives. */
  static Fault loseRequest() {
    return new Fault() {
      @Override
      public <T> void apply(
          SimulatedTime time, Supplier<CompletableFuture<T>> effect, CompletableFuture<T> answer) {
        answer.completeExceptionally(lost());
      }
    };
  }

  /** The request is carried out and the caller never learns it. */
  static Fault loseAnswer() {
    return new Fault() {
      @Override
      public <T> void apply(
          SimulatedTime time, Supplier<CompletableFuture<T>> effect, CompletableFuture<T> answer) {
        CompletableFuture<T> unheard = new CompletableFuture<>();
        pass(effect, unheard);
        onEnd(unheard, (value, failure) -> answer.completeExceptionally(lost()));
      }
    };
  }

  /**
   * The caller is told at once that the call timed out, and it is carried out later all the same.
   */
  static Fault arriveLate(Duration delay) {
    return new Fault() {
      @Override
      public <T> void apply(
          SimulatedTime time, Supplier<CompletableFuture<T>> effect, CompletableFuture<T> answer) {
        time.after(delay, () -> pass(effect, new CompletableFuture<>()));
        answer.completeExceptionally(lost());
      }
    };
  }

  /** The service refuses, and does nothing. */
  static Fault fail(Supplier<? extends RuntimeException> failure) {
    return new Fault() {
      @Override
      public <T> void apply(
          SimulatedTime time, Supplier<CompletableFuture<T>> effect, CompletableFuture<T> answer) {
        answer.completeExceptionally(failure.get());
      }
    };
  }

  /** No answer ever; nothing is done. */
  static Fault hang() {
    return new Fault() {
      @Override
      public <T> void apply(
          SimulatedTime time, Supplier<CompletableFuture<T>> effect, CompletableFuture<T> answer) {
        // The answer stays open: that is the fault.
      }
    };
  }

  /** Watches a future whose outcome goes elsewhere. */
  static <T> void onEnd(
      CompletableFuture<T> future, BiConsumer<? super T, ? super Throwable> action) {
    CompletableFuture<T> unused = future.whenComplete(action);
  }

  private static SandboxTimeoutException lost() {
    return new SandboxTimeoutException(
        "Simulated: no answer; the call may have been carried out", null);
  }

  private static <T> void pass(Supplier<CompletableFuture<T>> effect, CompletableFuture<T> answer) {
    try {
      CompletableFuture<T> done = effect.get();
      onEnd(
          done,
          (value, failure) -> {
            if (failure == null) {
              answer.complete(value);
            } else {
              answer.completeExceptionally(failure);
            }
          });
      onEnd(
          answer,
          (value, failure) -> {
            if (answer.isCancelled()) {
              done.cancel(true);
            }
          });
    } catch (SandboxException e) {
      answer.completeExceptionally(e);
    }
  }
}
