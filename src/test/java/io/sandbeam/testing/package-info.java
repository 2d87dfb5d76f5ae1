/**
 * For the tests of code that uses sandboxes: a service without any sandbox, {@link
 * io.sandbeam.testing.FaultySandboxService}, whose answers, delays and faults the test decides.
 *
 * <p>It speaks the contract of {@code io.sandbeam.service} and imports nothing else of Sandbeam.
 */
package io.sandbeam.testing;
