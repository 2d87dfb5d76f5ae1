package io.sandbeam.runners;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandbeam.runners.Scripts.Ended;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.beam.model.pipeline.v1.RunnerApi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a launcher sends to Dataflow, and does when the job ends or is to end. */
class DataflowTest {
  private static final String JOB = "grades-of-today";
  private static final String SECRET = "sesame-opens";
  private static final String KEY = "key-of-the-service";
  private static final String PIPELINE =
      """
      pipeline:
        type: chain
        transforms:
          - type: Create
            config: {elements: [{id: a}]}
          - type: SandboxExec
            name: Grade
            config: {command: [login, --password, %s], env: {TOKEN: %s}, timeout: 10s}
      """
          .formatted(SECRET, SECRET);

  @TempDir private Path folder;
  private Scripts scripts;
  private FakeGoogleCloud cloud;

  @BeforeEach
  void start() throws IOException {
    scripts = Scripts.in(folder);
    cloud = FakeGoogleCloud.start();
    Files.writeString(folder.resolve("grade.yaml"), PIPELINE);
  }

  @AfterEach
  void stop() {
    cloud.close();
  }

  private String run(String... options) {
    return "env CWSANDBOX_API_KEY="
        + KEY
        + " ./scripts/run grade.yaml"
        + cloud.options()
        + " "
        + String.join(" ", options);
  }

  @Test
  void givenAPipelineFile_thenTheJobHasOurStepsAndOurJarAndShowsNoSecret() throws Exception {
    cloud.jobsAre("JOB_STATE_DONE");

    // The options that the guide names are options.
    Ended run =
        scripts.run(
            run(
                "--jobId=" + JOB,
                "--network=net --usePublicIps=false --maxNumWorkers=2",
                "--sdkContainerImage=registry.example.com/image:1"));

    assertThat(run.err(), run.status(), is(0));
    assertThat("calls that the fake does not know", cloud.unknown(), is(empty()));
    assertThat(run.out(), containsString("0 left (proven empty"));
    assertThat(cloud.submitted(), hasSize(1));
    String text = cloud.submitted().get(0);
    JsonNode job = new ObjectMapper().readTree(text);
    assertThat(job.at("/environment/sdkPipelineOptions/options/jobId").asText(), is(JOB));
    List<String> steps = new ArrayList<>();
    job.get("steps").forEach(step -> steps.add(step.at("/properties/user_name/value").asText()));
    assertThat(steps, hasItem(startsWith("Grade/RunCommands")));
    assertThat(steps, hasItem(startsWith("Grade/Sweep/Sweep")));
    assertThat(job.findValues("display_data").toString(), not(containsString(SECRET)));
    String graph = cloud.object(staged("pipeline-[^/]*\\.pb").get(0));
    assertThat(displayed(graph), containsString("TOKEN"));
    assertThat(displayed(graph), not(containsString(SECRET)));
    assertThat("the id is in the steps themselves, not an option", graph, containsString(JOB));
    assertThat(text + graph, not(containsString(KEY)));
    assertThat(staged("sandbeam-[^/]*\\.jar"), hasSize(1));
    assertThat("one HTTP client", staged("okhttp-[^/]*\\.jar"), hasSize(1));
    assertThat(
        "what only the launcher uses",
        staged("(slf4j-simple|jetty|javalin|picocli|beam-runners-direct|classes)-.*"),
        is(empty()));
  }

  /** What the steps show of themselves, composites as well. */
  private static String displayed(String graph) throws IOException {
    return RunnerApi.Pipeline.parseFrom(graph.getBytes(StandardCharsets.ISO_8859_1))
        .getComponents()
        .getTransformsMap()
        .values()
        .stream()
        .flatMap(transform -> transform.getDisplayDataList().stream())
        .map(shown -> shown.getPayload().toStringUtf8())
        .collect(Collectors.joining("\n"));
  }

  private List<String> staged(String pattern) {
    return cloud.objects().stream().filter(name -> name.matches("staging/" + pattern)).toList();
  }

  @Test
  void s14_givenALauncherThatIsToldToEnd_thenTheJobIsCancelledThenSwept() throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process launcher = scripts.start(run(), out, err);
    try {
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> !cloud.submitted().isEmpty() || !launcher.isAlive());
      launcher.destroy();
      assertThat("it ends", launcher.waitFor(90, TimeUnit.SECONDS), is(true));
    } finally {
      launcher.destroyForcibly();
    }
    assertThat(Files.readString(err), launcher.exitValue(), is(143));
    assertThat(cloud.updates(), hasSize(1));
    assertThat(cloud.updates().get(0), containsString("JOB_STATE_CANCELLED"));
    assertThat(Files.readString(err), containsString("0 left (proven empty"));
  }

  @Test
  void givenAClassicTemplate_thenItIsRefusedWithTheWayThatWorks() throws Exception {
    Ended run = scripts.run(run("--templateLocation=gs://bucket/template"));

    assertThat(run.err(), run.status(), is(2));
    assertThat(run.err(), containsString("--templateLocation=gs://bucket/template"));
    assertThat(run.err(), containsString("Flex template"));
    assertThat(cloud.submitted(), is(empty()));
  }
}
