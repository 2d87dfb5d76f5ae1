package io.sandbeam.transforms;

import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricQueryResults;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.checkerframework.checker.nullness.qual.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A finished job's numbers, all steps together, as far as its runner tells them. */
final class JobMetrics {
  private static final Logger LOG = LoggerFactory.getLogger(JobMetrics.class);
  private static final MetricsFilter OURS =
      MetricsFilter.builder()
          .addNameFilter(MetricNameFilter.inNamespace(ExecMetrics.NAMESPACE))
          .build();

  private final @Nullable MetricQueryResults results;

  private JobMetrics(@Nullable MetricQueryResults results) {
    this.results = results;
  }

  /** The numbers of a job; all 0 when it never started or the runner keeps none. */
  static JobMetrics of(@Nullable PipelineResult result) {
    if (result == null) {
      return new JobMetrics(null);
    }
    try {
      return new JobMetrics(result.metrics().queryMetrics(OURS));
    } catch (RuntimeException e) {
      // Runners refuse in different ways; the account then lacks numbers, never the sweep.
      LOG.warn("The runner does not tell the job's metrics: {}", e.toString());
      return new JobMetrics(null);
    }
  }

  /** Whether the runner told them. */
  boolean areKnown() {
    return results != null;
  }

  /** Of the bundles that count, where the runner knows; of all attempts, where it does not. */
  long committed(String name) {
    return sum(name, Reading.COMMITTED);
  }

  /** Of all attempts, bundles that were given up included. */
  long attempted(String name) {
    return sum(name, Reading.ATTEMPTED);
  }

  private enum Reading {
    COMMITTED,
    ATTEMPTED
  }

  private long sum(String name, Reading reading) {
    long sum = 0;
    if (results != null) {
      for (MetricResult<Long> counter : results.getCounters()) {
        if (counter.getName().getName().equals(name)) {
          sum += value(counter, reading);
        }
      }
    }
    return sum;
  }

  private static long value(MetricResult<Long> counter, Reading reading) {
    Long committed = reading == Reading.COMMITTED ? counter.getCommittedOrNull() : null;
    return committed == null ? counter.getAttempted() : committed;
  }
}
