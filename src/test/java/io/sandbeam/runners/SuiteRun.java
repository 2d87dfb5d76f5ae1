package io.sandbeam.runners;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs a suite in this JVM and writes how each test ended: for the JVM that started this one. */
public final class SuiteRun {
  private SuiteRun() {}

  /**
   * How a test ended.
   *
   * @param failure with its stack trace; empty when it passed
   */
  record Ended(String name, String failure) {

    String line() {
      return name
          + " "
          + Base64.getEncoder().encodeToString(failure.getBytes(StandardCharsets.UTF_8));
    }

    static Ended of(String line) {
      int end = line.indexOf(' ');
      byte[] failure = Base64.getDecoder().decode(line.substring(end + 1));
      return new Ended(line.substring(0, end), new String(failure, StandardCharsets.UTF_8));
    }
  }

  /** Arguments: the suite's class, the file to write. */
  public static void main(String[] args) throws IOException {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectClass(args[0])).build();
    Listener listener = new Listener();
    LauncherFactory.create().execute(request, listener);
    Files.write(Path.of(args[1]), listener.ended.stream().map(Ended::line).toList());
    // Threads that a runner has left behind do not keep this JVM.
    System.exit(0);
  }

  private static final class Listener implements TestExecutionListener {
    final List<Ended> ended = new ArrayList<>();

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      String failure = result.getThrowable().map(SuiteRun::trace).orElse("");
      if (test.isTest() || !failure.isEmpty()) {
        ended.add(new Ended(name(test), failure));
      }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      ended.add(new Ended(name(test), "skipped: " + reason));
    }

    private static String name(TestIdentifier test) {
      return test.getDisplayName().replaceAll("\\(.*", "").replace(' ', '-');
    }
  }

  private static String trace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
