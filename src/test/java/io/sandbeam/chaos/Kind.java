package io.sandbeam.chaos;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is broken in a round. */
enum Kind {
  /** The JVM that is launcher and worker in one dies. */
  KILL_DIRECT(Runner.DIRECT, Promise.NOTHING),
  /** The launcher dies, and the job goes on without it. */
  KILL_LAUNCHER(Runner.FLINK, Promise.ALL_RESULTS),
  /** One of two workers dies, and the other one does its work again. */
  KILL_TASKMANAGER(Runner.FLINK, Promise.ALL_RESULTS),
  /** The server dies with all its sandboxes, and is started again. */
  KILL_SERVER(Runner.DIRECT, Promise.ALL_RESULTS),
  /** The JVM of the job dies, and then the sweep that comes after it. */
  KILL_SWEEP(Runner.DIRECT, Promise.NOTHING),
  /** The JVM that is launcher and worker in one stands still for a while. */
  STOP_DIRECT(Runner.DIRECT, Promise.ALL_RESULTS),
  /** A worker stands still, perhaps for so long that the cluster gives it up: a zombie. */
  STOP_TASKMANAGER(Runner.FLINK, Promise.ALL_RESULTS),
  /** The server stands still for a while. */
  STOP_SERVER(Runner.DIRECT, Promise.ALL_RESULTS),
  /** The network between worker and server. */
  CUT_SERVER(Runner.DIRECT, Promise.ALL_RESULTS),
  /** The connections to the container engine, and with them every container's lease. */
  CUT_ENGINE(Runner.DIRECT, Promise.ALL_RESULTS);

  /** Who runs the pipeline. */
  enum Runner {
    DIRECT,
    FLINK
  }

  /** What the runner owes in spite of the fault. */
  enum Promise {
    /** It died with the job. */
    NOTHING,
    /** A result for each element. */
    ALL_RESULTS
  }

  final Runner runner;
  final Promise promise;

  Kind(Runner runner, Promise promise) {
    this.runner = runner;
    this.promise = promise;
  }

  /** Where the sandboxes may be then. */
  List<Place> places() {
    return switch (this) {
      case KILL_SERVER, STOP_SERVER, CUT_SERVER -> List.of(Place.SERVED);
      case CUT_ENGINE -> List.of(Place.DOCKER);
      default -> List.of(Place.values());
    };
  }

  /** As it is typed: {@code kill-direct}. */
  String typed() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The kind that somebody typed.
   *
   * @throws IllegalArgumentException with the names there are
   */
  static Kind of(String typed) {
    return Arrays.stream(values())
        .filter(kind -> kind.typed().equals(typed))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Unknown kind '"
                        + typed
                        + "': there are "
                        + Arrays.stream(values())
                            .map(Kind::typed)
                            .collect(Collectors.joining(", "))));
  }
}
