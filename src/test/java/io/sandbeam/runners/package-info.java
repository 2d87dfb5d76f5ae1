/**
 * The same pipelines on every runner: {@link io.sandbeam.runners.RunnerContract} says what must
 * hold. Each runner has a class path of its own, so all but the direct runner's suites run in a JVM
 * that has the class path of {@code scripts/setup --runner=…}, as users have it.
 */
package io.sandbeam.runners;
