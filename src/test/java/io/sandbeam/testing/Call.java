package io.sandbeam.testing;

import java.time.Instant;

/**
 * One recorded call.
 *
 * @param number 1 for the first call of the service, whatever its operation
 * @param operation what was asked
 * @param argument the request: a spec for CREATE, an id or a request for the others
 * @param thread the caller's thread
 * @param at by the clock of the simulation
 */
public record Call(long number, Operation operation, Object argument, String thread, Instant at) {}
