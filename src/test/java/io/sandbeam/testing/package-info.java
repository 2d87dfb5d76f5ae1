/**
 * For the tests of code that uses sandboxes: a service without any sandbox, {@link
 * io.sandbeam.testing.FaultySandboxService}, whose answers, delays and faults the test decides;
 * {@link io.sandbeam.testing.VirtualTime}, in which an hour of retries takes no time; and {@link
 * io.sandbeam.testing.ForwardingSandboxService}, to break what those do not.
 *
 * <p>In the jar with the classifier {@code tests}. It needs no test framework, and of Sandbeam only
 * the contract and the SDK's {@link io.sandbeam.sandbox.Timing}.
 */
package io.sandbeam.testing;
