/**
 * Real faults on real parts: JVMs with pipelines in them are killed, and what is left is counted.
 */
package io.sandbeam.faults;
