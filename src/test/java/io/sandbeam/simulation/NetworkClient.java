package io.sandbeam.simulation;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.Effect;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxPage;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.ForwardingSandboxService;
import io.sandbeam.testing.Operation;
import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * One process's way to the service, for what the actors do. Whoever is dead by the time of an
 * answer never hears it.
 */
final class NetworkClient extends ForwardingSandboxService {
  private final VirtualTime time;
  private final Network network;
  private final SimulatedProcess process;
  private final Duty duty;
  private final SandboxService world;
  private final Truth truth;
  private final CallWatch watch;

  /** Told of calls, at once. */
  interface CallWatch {
    /** A call has left the process. */
    void sent(SimulatedProcess process, int call);

    /** A create of the process was carried out. */
    void created(SandboxInfo info, SimulatedProcess process);
  }

  NetworkClient(
      VirtualTime time,
      Network network,
      SimulatedProcess process,
      Duty duty,
      SandboxService world,
      Truth truth,
      CallWatch watch) {
    super(world);
    this.time = time;
    this.network = network;
    this.process = process;
    this.duty = duty;
    this.world = world;
    this.truth = truth;
    this.watch = watch;
  }

  @Override
  public CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId) {
    Duration sent = time.elapsed();
    return call(
        Operation.CREATE,
        () ->
            world
                .create(spec, requestId)
                .whenComplete(
                    (info, failure) -> {
                      if (failure == null) {
                        truth.created(info, process, sent);
                        watch.created(info, process);
                      }
                    }));
  }

  @Override
  public CompletableFuture<SandboxInfo> get(String sandboxId) {
    return call(Operation.GET, () -> world.get(sandboxId));
  }

  @Override
  public CompletableFuture<SandboxPage> list(ListRequest request) {
    return call(Operation.LIST, () -> world.list(request));
  }

  @Override
  public CompletableFuture<DeleteResult> delete(DeleteRequest request) {
    return call(
        Operation.DELETE,
        () -> {
          truth.deleting(request.sandboxId(), process, duty);
          return world.delete(request);
        });
  }

  @Override
  public CompletableFuture<Seal> seal(Tag job) {
    return call(Operation.SEAL, () -> world.seal(job));
  }

  @Override
  public CompletableFuture<Seal> sealOf(Tag job) {
    return call(Operation.SEAL_OF, () -> world.sealOf(job));
  }

  @Override
  public CompletableFuture<ExecResult> exec(String sandboxId, ExecRequest request) {
    return call(Operation.EXEC, () -> world.exec(sandboxId, request));
  }

  private <T> CompletableFuture<T> call(
      Operation operation, Supplier<CompletableFuture<T>> effect) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (process.isDead()) {
      return answer;
    }
    int number = process.nextCall();
    Optional<Fault> fault = network.nextCall(operation);
    Duration there = network.latency(process, number, 0);
    Duration back = network.latency(process, number, 1);
    fault.ifPresent(truth::happened);
    Way<T> way = new Way<>(operation, effect, answer, back);
    truth.trace(
        process, () -> operation + " " + number + fault.map(one -> " (" + one + ")").orElse(""));
    if (fault.isEmpty()) {
      time.schedule(there, way::arrive);
    } else {
      goWrong(fault.get(), there, way);
    }
    watch.sent(process, number);
    return answer;
  }

  private <T> void goWrong(Fault fault, Duration there, Way<T> way) {
    switch (fault.kind()) {
      case LOSE_REQUEST -> {}
      case LOSE_ANSWER -> time.schedule(there, way::happen);
      case BREAK_AFTER ->
          time.schedule(
              there,
              () -> {
                way.happen();
                way.fail(broken());
              });
      case BREAK_BEFORE -> {
        time.schedule(there, () -> way.fail(broken()));
        time.schedule(there.plus(fault.lasting()), way::happen);
      }
      case DELAY -> time.schedule(there.plus(fault.lasting()), way::arrive);
      case DELAY_ANSWER -> time.schedule(there, () -> way.slowly(fault.lasting()).arrive());
      case KILL_CALLER -> {
        time.schedule(there.plus(fault.lasting()), way::arrive);
        process.kill();
      }
      case THROTTLE ->
          time.schedule(
              there,
              () ->
                  way.fail(
                      new SandboxResourceExhaustedException(
                          "Simulated: 429", null, Duration.ofSeconds(1))));
      default -> time.schedule(there, () -> way.fail(broken()));
    }
  }

  private static SandboxException broken() {
    return new SandboxUnavailableException(
        "Simulated: the connection broke", null, Effect.UNKNOWN, null);
  }

  /** One call on its way. */
  private final class Way<T> {
    private final Operation operation;
    private final Supplier<CompletableFuture<T>> effect;
    private final CompletableFuture<T> answer;
    private final Duration back;

    Way(
        Operation operation,
        Supplier<CompletableFuture<T>> effect,
        CompletableFuture<T> answer,
        Duration back) {
      this.operation = operation;
      this.effect = effect;
      this.answer = answer;
      this.back = back;
    }

    /** The same, with a longer way back. */
    Way<T> slowly(Duration more) {
      return new Way<>(operation, effect, answer, back.plus(more));
    }

    void arrive() {
      if (network.isCut(process)) {
        return;
      }
      if (network.isOut(operation)) {
        fail(new SandboxUnavailableException("Simulated: 503", null, Effect.NONE, null));
      } else if (network.isDenied(duty)) {
        fail(new SandboxAuthenticationException("Simulated: 401", null));
      } else {
        CompletableFuture<T> done = carryOut();
        Ends.of(done, this::come);
        Ends.of(answer, (value, failure) -> cancel(done));
      }
    }

    private void cancel(CompletableFuture<T> done) {
      if (answer.isCancelled()) {
        time.schedule(back, () -> done.cancel(true));
      }
    }

    /** Is carried out, and nobody hears of it. */
    void happen() {
      Ends.of(carryOut(), (value, failure) -> {});
    }

    /** At the service; whoever asked may never hear of it. */
    CompletableFuture<T> carryOut() {
      try {
        return effect.get();
      } catch (SandboxException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private void come(T value, Throwable failure) {
      time.schedule(
          back,
          () -> {
            if (!network.isCut(process)) {
              process.run(
                  () -> {
                    if (failure == null) {
                      answer.complete(value);
                    } else {
                      answer.completeExceptionally(
                          failure instanceof CompletionException ? failure.getCause() : failure);
                    }
                  });
            }
          });
    }

    void fail(SandboxException why) {
      come(null, why);
    }
  }

  /** The process's connections end with it. */
  @Override
  public void close() {}
}
