package io.sandbeam.runners;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * A suite in a JVM of its own, on the class path of a runner, as users have it. Its log is under
 * {@code target/runners}.
 */
final class Suite {
  private static final Path PROJECT = Path.of("").toAbsolutePath();
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /** Of the tests' own libraries, what the suites use; the rest comes with the runner. */
  private static final Pattern TEST_LIBRARIES =
      Pattern.compile(
          "(junit-(jupiter|platform)|opentest4j|apiguardian|hamcrest|awaitility)[^/]*\\.jar");

  private Suite() {}

  /** Runs it; answers a test for each of its tests. Fails when it did not come to its end. */
  static Stream<DynamicTest> run(String runner, Class<?> suite, String... jvmOptions)
      throws IOException, InterruptedException {
    Path logs = Files.createDirectories(PROJECT.resolve("target/runners"));
    Path log = logs.resolve(suite.getSimpleName() + ".log");
    Path ended = Files.createTempFile(logs, suite.getSimpleName(), ".ended");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djdk.lang.Process.launchMechanism=VFORK");
    // Most of a short life is compiling.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(opens());
    command.addAll(List.of(jvmOptions));
    command.addAll(List.of("-cp", classPath(runner)));
    command.addAll(List.of(SuiteRun.class.getName(), suite.getName(), ended.toString()));
    ProcessBuilder jvm =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(new File("/dev/null"));
    jvm.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = jvm.start();
    boolean inTime = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
    process.destroyForcibly();
    assertThat("ended in time; log: " + log, inTime, is(true));
    List<SuiteRun.Ended> tests =
        Files.readAllLines(ended).stream().map(SuiteRun.Ended::of).toList();
    Files.delete(ended);
    assertThat("tests that ran; log: " + log, tests.size(), is(greaterThan(5)));
    return tests.stream()
        .map(
            test ->
                DynamicTest.dynamicTest(
                    test.name(),
                    () ->
                        assertThat("log: " + log + "\n" + test.failure(), test.failure(), is(""))));
  }

  /** The runner's class path, the tests, and what they use. */
  static String classPath(String runner) throws IOException, InterruptedException {
    List<String> entries = new ArrayList<>();
    entries.add(Scripts.setup(runner));
    entries.add(testClasses());
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (TEST_LIBRARIES.matcher(Path.of(entry).getFileName().toString()).matches()) {
        entries.add(entry);
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  static String testClasses() {
    return Path.of(Suite.class.getProtectionDomain().getCodeSource().getLocation().getPath())
        .toString();
  }

  /** As in {@code scripts/sandbeam}: what Flink and Spark reach inside the JDK. */
  static List<String> opens() {
    return Stream.of(
            "java.lang",
            "java.lang.invoke",
            "java.lang.reflect",
            "java.net",
            "java.io",
            "java.nio",
            "java.text",
            "java.time",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "java.util.concurrent.locks",
            "sun.nio.ch")
        .map(name -> "--add-opens=java.base/" + name + "=ALL-UNNAMED")
        .toList();
  }
}
