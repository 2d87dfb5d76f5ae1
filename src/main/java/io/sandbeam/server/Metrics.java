package io.sandbeam.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * What the server counts, in the text format of Prometheus. Labels are names of methods, states and
 * error codes, never anything a caller chose, so their number is bounded and they hold no secret.
 * Thread-safe.
 */
final class Metrics {
  /** Upper bounds in seconds; commands are slow, lists are quick. */
  private static final double[] BOUNDS = {0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600};

  private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
  private final Map<String, Histogram> durations = new ConcurrentSkipListMap<>();
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final List<Gauge> gauges = new ArrayList<>();

  private record Gauge(String name, String help, String type, Supplier<Map<String, Long>> values) {}

  private static final class Histogram {
    final AtomicLongArray buckets = new AtomicLongArray(BOUNDS.length + 1);
    final AtomicLong nanos = new AtomicLong();

    void add(Duration duration) {
      double seconds = duration.toNanos() / 1e9;
      int bucket = 0;
      while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
        bucket++;
      }
      buckets.incrementAndGet(bucket);
      nanos.addAndGet(duration.toNanos());
    }
  }

  /** Adds values that are read when somebody asks: label text to number, "" for no label. */
  void gauge(String name, String help, Supplier<Map<String, Long>> values) {
    gauges.add(new Gauge(name, help, "gauge", values));
  }

  /** As {@link #gauge}, of something that only grows. */
  void counter(String name, String help, Supplier<Map<String, Long>> values) {
    gauges.add(new Gauge(name, help, "counter", values));
  }

  /** Counts one answered request. */
  void answered(String method, String code, Duration duration, long in, long out) {
    requests
        .computeIfAbsent(
            "{method=\"" + method + "\",code=\"" + code + "\"}", labels -> new LongAdder())
        .increment();
    durations.computeIfAbsent(method, name -> new Histogram()).add(duration);
    bytesIn.add(in);
    bytesOut.add(out);
  }

  /** Everything, in Prometheus' text format 0.0.4. */
  String text() {
    StringBuilder out = new StringBuilder();
    Map<String, Long> counts = new TreeMap<>();
    requests.forEach((labels, count) -> counts.put(labels, count.sum()));
    family(out, "sandbeam_requests_total", "Requests answered.", "counter", counts);
    family(
        out,
        "sandbeam_request_bytes_total",
        "Bytes of request bodies.",
        "counter",
        Map.of("", bytesIn.sum()));
    family(
        out,
        "sandbeam_response_bytes_total",
        "Bytes of answers.",
        "counter",
        Map.of("", bytesOut.sum()));
    gauges.forEach(
        gauge -> family(out, gauge.name(), gauge.help(), gauge.type(), gauge.values().get()));
    histograms(out);
    return out.toString();
  }

  private void histograms(StringBuilder out) {
    String name = "sandbeam_request_duration_seconds";
    header(out, name, "Time from a request's first byte to its answer.", "histogram");
    durations.forEach(
        (method, histogram) -> {
          long below = 0;
          for (int i = 0; i <= BOUNDS.length; i++) {
            below += histogram.buckets.get(i);
            String bound = i == BOUNDS.length ? "+Inf" : String.valueOf(BOUNDS[i]);
            line(out, name + "_bucket{method=\"" + method + "\",le=\"" + bound + "\"}", below);
          }
          out.append(name).append("_sum{method=\"").append(method).append("\"} ");
          out.append(String.format(Locale.ROOT, "%.6f", histogram.nanos.get() / 1e9)).append('\n');
          line(out, name + "_count{method=\"" + method + "\"}", below);
        });
  }

  private static void family(
      StringBuilder out, String name, String help, String type, Map<String, Long> values) {
    header(out, name, help, type);
    values.forEach((labels, value) -> line(out, name + labels, value));
  }

  private static void header(StringBuilder out, String name, String help, String type) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void line(StringBuilder out, String nameAndLabels, long value) {
    out.append(nameAndLabels).append(' ').append(value).append('\n');
  }
}
