/**
 * The SDK: {@link io.sandbeam.sandbox.Sandbox}, {@link io.sandbeam.sandbox.Session}, {@link
 * io.sandbeam.sandbox.Sweep} on any {@link io.sandbeam.service.SandboxService}, without Beam.
 *
 * <p>Here lives what turns the plain calls of a service into promises: created once, closed means
 * gone, swept means proven. All time and all chance in this package come from one {@link
 * io.sandbeam.sandbox.Timing}, so that every life cycle can be replayed in virtual time. Here may
 * not live: anything that knows Apache Beam, a command line, or one particular service.
 *
 * <p>Futures of this package complete on threads of the service or on the timer thread: hand long
 * work to your own executor, and do not block in their callbacks.
 */
package io.sandbeam.sandbox;
