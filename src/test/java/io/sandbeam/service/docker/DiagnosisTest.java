package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.Finding;
import io.sandbeam.service.Finding.Level;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.testing.TestEngine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What doctor says of an engine, and what an engine that is not there says to whoever opens it. */
class DiagnosisTest {
  private static final ServiceConfig NOBODY =
      ServiceConfig.of("docker:unix:///nonexistent/docker.sock");

  private static List<Finding> of(ServiceConfig config) {
    return Diagnosis.of(config, Map.of());
  }

  @Test
  void givenEngine_thenItIsNamedAndNothingIsMissing() {
    List<Finding> findings = of(TestEngine.DOCKER.config(TestEngine.BUSYBOX));

    assertThat(findings.get(0).detail(), containsString("docker 2"));
    assertThat(
        findings.stream().filter(finding -> finding.level() == Level.MISSING).toList(),
        is(List.of()));
  }

  @Test
  void givenWhatTheEngineDoesNotHave_thenItIsMissingAndTheRemedyIsNamed() {
    List<Finding> missing =
        of(TestEngine.DOCKER.config("sandbeam-test/absent").withSetting("runtime", "no-such"))
            .stream()
            .filter(finding -> finding.level() == Level.MISSING)
            .toList();

    assertThat(missing, hasSize(2));
    assertThat(missing.get(0).detail(), containsString("'no-such'"));
    assertThat(missing.get(0).remedy(), containsString("daemon.json"));
    assertThat(missing.get(1).remedy(), containsString("docker pull sandbeam-test/absent"));
  }

  @Test
  void givenNoEngine_thenItIsMissingAndOpeningItIsWorthAnotherTry() {
    assertThat(of(NOBODY).get(0).level(), is(Level.MISSING));

    SandboxException e = assertThrows(SandboxException.class, () -> SandboxServices.open(NOBODY));
    assertThat(e.retryable(), is(true));
    assertThat(e.getMessage(), containsString("unix:///nonexistent/docker.sock is not there"));
    assertThat(
        e.getMessage(),
        containsString("sandbeam doctor --service=docker:unix:///nonexistent/docker.sock"));
  }
}
