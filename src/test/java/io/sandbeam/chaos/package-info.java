/**
 * Seeded faults on real parts: pipelines run on a Flink cluster, a server and a container engine,
 * one part is broken at a random moment, and what is left is counted. {@code scripts/chaos} runs
 * any number of rounds, {@link io.sandbeam.chaos.ChaosTest} each kind once.
 */
package io.sandbeam.chaos;
