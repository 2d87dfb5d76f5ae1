/**
 * A whole job in virtual time: workers, bundles, retries, zombies, a launcher and sweepers, all of
 * which may die at any step, on a service and a network that fail as planned. The code of the
 * product runs in it unchanged; the same seed gives the same run.
 *
 * <p>{@link io.sandbeam.simulation.Campaign} runs many seeds: see {@code scripts/chaos --simulate}.
 */
package io.sandbeam.simulation;
