package io.sandbeam.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.TreeSet;

/** A sweep's report for programs. */
final class SweepJson {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private SweepJson() {}

  static String of(SweepReport report) {
    ObjectNode json = JSON.createObjectNode();
    json.put("outcome", report.outcome().name());
    json.put("sealing", report.sealing().name());
    report.selector().stream().map(Tag::value).forEach(json.putArray("selector")::add);
    json.put("found", report.found());
    json.put("deleted", report.deleted());
    json.put("alreadyGone", report.alreadyGone());
    json.put("expired", report.expired());
    json.put("stuck", report.stuck());
    json.put("unknown", report.unknown());
    json.put("left", report.left());
    report.leftIds().forEach(json.putArray("leftIds")::add);
    json.put("emptyListsInARow", report.emptyListsInARow());
    json.put("quietSeconds", seconds(report.quietTime()));
    new TreeSet<>(report.hosts()).forEach(json.putArray("hosts")::add);
    report.problems().forEach(json.putArray("problems")::add);
    json.put("startedAt", report.startedAt().toString());
    json.put("endedAt", report.startedAt().plus(report.took()).toString());
    json.put("tookSeconds", seconds(report.took()));
    json.put("dryRun", report.dryRun() == DryRun.YES);
    try {
      return JSON.writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain nodes can be written", e);
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
