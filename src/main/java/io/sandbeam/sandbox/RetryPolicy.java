package io.sandbeam.sandbox;

import java.time.Duration;

/**
 * How failed calls are tried again: after exponentially growing, jittered delays, until a budget of
 * time is used up.
 *
 * @param firstDelay before the second try
 * @param factor between one delay and the next
 * @param longestDelay where the growth ends
 * @param budget from the first failure of a streak; then the last failure stands
 * @param longestHint how much of a service's own wish to wait is granted
 * @param callLimit how long one call may stay unanswered
 */
record RetryPolicy(
    Duration firstDelay,
    double factor,
    Duration longestDelay,
    Duration budget,
    Duration longestHint,
    Duration callLimit) {

  /** Creates, deletes, lists. The budget and the cap of hints are those of the Sandbox v1 SDKs. */
  static final RetryPolicy CALLS =
      new RetryPolicy(
          Duration.ofMillis(200),
          2,
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60));

  /** Reads of a state in a poll loop; all numbers are those of the Sandbox v1 SDKs. */
  static final RetryPolicy POLLS =
      new RetryPolicy(
          Duration.ofMillis(200),
          1.5,
          Duration.ofSeconds(2),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(15));

  RetryPolicy withCallLimit(Duration limit) {
    return new RetryPolicy(firstDelay, factor, longestDelay, budget, longestHint, limit);
  }

  RetryPolicy withBudget(Duration time) {
    return new RetryPolicy(firstDelay, factor, longestDelay, time, longestHint, callLimit);
  }
}
