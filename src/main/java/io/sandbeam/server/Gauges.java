package io.sandbeam.server;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What the metrics tell of the server's state, read when somebody asks. */
final class Gauges {
  private Gauges() {}

  static void of(
      Metrics metrics, Ledger ledger, InFlight inFlight, Budget memory, ServiceWatch watch) {
    metrics.gauge(
        "sandbeam_sandboxes", "Sandboxes the server knows, by state.", () -> byState(ledger));
    metrics.gauge(
        "sandbeam_requests_in_flight", "Requests under way.", () -> one(inFlight.count()));
    metrics.gauge(
        "sandbeam_bytes_in_flight",
        "Bytes reserved for bodies and output.",
        () -> one(memory.used()));
    metrics.gauge(
        "sandbeam_service_up",
        "Whether the service answered when it was last listed.",
        () -> one(watch.healthy() ? 1 : 0));
    metrics.counter(
        "sandbeam_records_lost_total",
        "Records that could not be written to the state folder.",
        () -> one(ledger.journalFailures()));
  }

  private static Map<String, Long> byState(Ledger ledger) {
    Map<String, Long> counts = new HashMap<>();
    ledger
        .after(0, entry -> true, Integer.MAX_VALUE)
        .forEach(entry -> counts.merge(label(entry), 1L, Long::sum));
    return counts;
  }

  private static String label(LedgerEntry entry) {
    return "{state=\"" + entry.info().state().name().toLowerCase(Locale.ROOT) + "\"}";
  }

  private static Map<String, Long> one(long value) {
    return Map.of("", value);
  }
}
