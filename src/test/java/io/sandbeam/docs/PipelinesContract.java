package io.sandbeam.docs;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandbeam.docs.Checkout.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each file of {@code pipelines/} gives the same results, wherever its sandboxes live. */
abstract class PipelinesContract {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  Checkout checkout;

  /** What is added to every command line: where the sandboxes live. */
  abstract String service();

  @BeforeEach
  void checkOut() throws IOException {
    checkout = Checkout.in(folder);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    Ended list = checkout.shell("./scripts/sandbeam list --format=json" + service());
    assertThat(list.err(), list.status(), is(0));
    assertThat("sandboxes left", list.out(), is(""));
  }

  @Test
  void hello() throws Exception {
    Ended run = checkout.shell("./scripts/run pipelines/hello.yaml" + service());

    assertThat(run.err(), run.status(), is(0));
    assertThat(run.out(), containsString("3 done: 3 succeeded, 0 failed, 0 timed out, 0 not run"));
    assertThat(run.out(), containsString("3 created, 3 closed, 0 swept, 0 expired, 0 left"));
    assertThat(run.out(), containsString("(proven empty"));
    Map<String, JsonNode> results = byField("out/hello", "id");
    assertThat(results.get("hello").get("stdout").asText(), is("hello from a sandbox\n"));
    assertThat(results.get("alone").get("stdout").asText(), is("no homes here\n"));
    assertThat(results.get("offline").get("stdout").asText(), is("lo\n"));
  }

  @Test
  void gradePython() throws Exception {
    Map<String, String> expected = new TreeMap<>();
    for (String line : Files.readAllLines(checkout.path("pipelines/data/submissions.jsonl"))) {
      JsonNode submission = JSON.readTree(line);
      expected.put(submission.get("id").asText(), submission.get("expected").asText());
    }
    Ended doctor = checkout.shell("./scripts/sandbeam doctor --service=local");
    if (!doctor.out().matches("(?s).* ok +cgroups: .*")) {
      // The limit is then on addresses, and Python is told: it ends with a MemoryError.
      expected.put("memory-hog", "FAILED");
    }

    Ended run = checkout.shell("./scripts/run pipelines/grade-python.yaml" + service());

    assertThat(run.err(), run.status(), is(1));
    assertThat(run.out(), containsString(expected.size() + " done: "));
    assertThat(run.out(), containsString("0 not run"));
    assertThat(run.out(), containsString("0 left (proven empty"));
    Map<String, JsonNode> results = byField("out/verdicts", "id");
    Map<String, String> verdicts = new TreeMap<>();
    results.forEach((id, result) -> verdicts.put(id, result.get("verdict").asText()));
    assertThat(verdicts, is(expected));
    assertThat(
        "fields in the order of the file",
        fieldNames(results.get("endless-loop")),
        is(
            List.of(
                "id",
                "verdict",
                "exit_code",
                "duration_ms",
                "stdout_bytes",
                "stdout_truncated",
                "stderr")));
    JsonNode loud = results.get("prints-50-megabytes");
    assertThat(loud.get("stdout_bytes").asLong(), is(50_000_003L));
    assertThat(loud.get("stdout_truncated").asBoolean(), is(true));
    assertThat(
        results.get("reads-the-host").get("stderr").asText(),
        containsString("nothing of the host is here"));
  }

  @Test
  void checkScripts() throws Exception {
    Ended run =
        checkout.shell(
            "./scripts/run pipelines/check-scripts.yaml --set folder=pipelines/data/scripts"
                + service());

    assertThat(run.err(), run.status(), is(1));
    Map<String, JsonNode> results = byField("out/checked", "script");
    Map<String, String> status = new TreeMap<>();
    results.forEach(
        (script, result) ->
            status.put(
                script.substring(script.lastIndexOf('/') + 1), result.get("status").asText()));
    assertThat(
        status,
        is(
            Map.of(
                "backup.sh", "SUCCEEDED", "wait-for-port.sh", "SUCCEEDED", "rotate.sh", "FAILED")));
    results.forEach(
        (script, result) -> {
          if (script.endsWith("rotate.sh")) {
            assertThat(
                result.get("message").asText(),
                allOf(containsString("rotate.sh"), containsString("yntax error")));
          }
        });
  }

  @Test
  void convert() throws Exception {
    Ended run = checkout.shell("./scripts/run pipelines/convert.yaml" + service());

    assertThat(run.err(), run.status(), is(0));
    assertThat(byField("out/converted", "id").keySet().size(), is(3));
    assertThat(
        Files.readString(checkout.path("out/pages/cities.csv.html")),
        is(
            """
            <table>
            <tr><th>city</th><th>country</th><th>founded</th></tr>
            <tr><td>Lisbon</td><td>Portugal</td><td>-1200</td></tr>
            <tr><td>Kyoto</td><td>Japan</td><td>794</td></tr>
            <tr><td>Cusco</td><td>Peru</td><td>1100</td></tr>
            </table>
            """));
    assertThat(
        Files.readString(checkout.path("out/pages/signs.csv.html")),
        containsString("<td>a &lt; b</td>"));
  }

  private static List<String> fieldNames(JsonNode row) {
    List<String> names = new ArrayList<>();
    row.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private Map<String, JsonNode> byField(String output, String field) throws IOException {
    Map<String, JsonNode> rows = new TreeMap<>();
    List<String> lines = checkout.output(output);
    for (String line : lines) {
      JsonNode row = JSON.readTree(line);
      rows.put(row.get(field).asText(), row);
    }
    assertThat("rows with one " + field + " each", rows.size(), is(lines.size()));
    return rows;
  }
}
