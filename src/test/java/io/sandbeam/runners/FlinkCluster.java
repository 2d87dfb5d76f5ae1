package io.sandbeam.runners;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A cluster of {@code scripts/flink-cluster}, and what it says of itself. */
public final class FlinkCluster {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Scripts scripts;
  private volatile String address;

  private FlinkCluster(Scripts scripts) {
    this.scripts = scripts;
  }

  /** One in the folder of some scripts, on any free port; not started yet. */
  public static FlinkCluster in(Scripts scripts) {
    return new FlinkCluster(scripts);
  }

  /** Starts what does not run, and waits until it is ready. One that failed can be stopped, too. */
  public void start() throws IOException, InterruptedException {
    Scripts.Ended start = script("start");
    assertThat(start.err(), start.status(), is(0));
    address = start.out().strip();
  }

  public boolean isStarted() {
    return address != null;
  }

  public String address() {
    return address;
  }

  public Scripts.Ended script(String action) throws IOException, InterruptedException {
    return scripts.run("./scripts/flink-cluster " + action + " --dir=flink --port=0");
  }

  /** The state of the job of this name, as Flink calls it; empty when there is none. */
  public String stateOf(String jobName) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + address + "/jobs/overview")).build();
    String text =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    for (JsonNode job : JSON.readTree(text).get("jobs")) {
      if (job.get("name").asText().equals(jobName)) {
        return job.get("state").asText();
      }
    }
    return "";
  }

  /** The processes of the TaskManagers. */
  public List<Long> taskManagers() throws IOException, InterruptedException {
    Matcher pids = Pattern.compile("taskmanager-\\d: pid (\\d+)").matcher(script("status").out());
    return pids.results().map(found -> Long.valueOf(found.group(1))).toList();
  }

  /** Ends all of it. */
  public void stop() throws IOException, InterruptedException {
    Scripts.Ended stop = script("stop");
    assertThat(stop.err(), stop.status(), is(0));
  }
}
