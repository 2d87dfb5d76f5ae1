package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sandbeam.sandbox.SweepReport.Outcome;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The certificate says of every sandbox what became of it, and of itself what it is worth. */
class SweepReportTest extends SimulatedServiceTest {
  @TempDir Path folder;
  private final Sweep sweep =
      Sweep.of(service).timing(time).job("a").stallLimit(Duration.ofSeconds(20));

  @AfterEach
  @Override
  void nothingIsLeft() {
    service.healthy().releaseStuck();
    service.live().forEach(info -> await(service.delete(DeleteRequest.of(info.id()))));
    super.nothingIsLeft();
  }

  private List<String> create(int sandboxes) {
    List<String> ids = new ArrayList<>();
    SandboxSpec spec =
        SandboxSpec.builder().tags("sandbeam", "job.a").maxLifetime(Duration.ofDays(1)).build();
    for (int i = 0; i < sandboxes; i++) {
      ids.add(await(service.create(spec, Startup.mint(time.random()))).id());
    }
    return ids;
  }

  @Test
  void givenEveryFate_thenEachIsCountedOnceAndTheSumIsWhatWasFound() {
    List<String> ids = create(7);
    service.stickNextStops(1).keepEnded(Duration.ofHours(1));
    // The first three are seen, and then have other fates before the sweep comes to them.
    service.latency(Operation.DELETE, Duration.ofSeconds(1));
    CompletableFuture<SweepReport> run = sweep.parallelism(1).run();
    time.advance(Duration.ofMillis(1));
    service.crash(ids.get(4), "Its lifetime is over");
    service.exit(ids.get(5), 0);
    CompletableFuture<?> other = service.delete(DeleteRequest.of(ids.get(6)));
    time.advance(Duration.ofMillis(3500));
    service.keepEnded(Duration.ZERO);
    time.advance(Duration.ofMillis(1));
    service.keepEnded(Duration.ofHours(1));

    SweepReport report = await(run);

    assertThat(other.isDone(), is(true));
    assertThat(report.line(), report.outcome(), is(Outcome.LEFT));
    assertThat(report.found(), is(7));
    assertThat(report.stuck(), is(1));
    assertThat(report.expired(), is(2));
    assertThat(report.deleted() + report.alreadyGone() + report.expired() + report.left(), is(7));
    assertThat(report.unknown(), is(0));
    assertThat(report.line(), containsString("2 expired, 1 left, 1 of them stuck: "));
  }

  @Test
  void givenSandboxesThatNobodyCanAskAbout_thenTheyAreInDoubt() {
    create(2);
    service.failEveryNth(Operation.DELETE, 1, () -> unavailable(Effect.NONE));

    SweepReport report = await(sweep.run());

    assertThat(report.outcome(), is(Outcome.LEFT));
    assertThat(report.unknown(), is(2));
    assertThat(report.line(), containsString("0 swept, 2 left, 2 of them in doubt: "));
  }

  @Test
  void givenAProgressThatNeverEnds_thenTheStallLimitDoesNotCutItAndTheDeadlineDoes() {
    create(60);
    service.latency(Operation.DELETE, Duration.ofSeconds(2));
    Sweep slow = sweep.parallelism(1).stallLimit(Duration.ofMinutes(3));

    SweepReport cut = await(slow.deadline(Duration.ofSeconds(30)).run());
    assertThat(cut.outcome(), is(Outcome.LEFT));
    assertThat(cut.deleted() > 5 && cut.left() > 40, is(true));

    assertThat(await(slow.run()).outcome(), is(Outcome.EMPTY));
  }

  @Test
  void givenAReport_thenItsJsonSaysAllOfIt() throws IOException {
    create(3);
    SweepReport report = await(sweep.run());

    JsonNode json = new JsonMapper().readTree(report.json());

    assertThat(json.at("/outcome").asText(), is("EMPTY"));
    assertThat(json.at("/sealing").asText(), is("SEALED"));
    assertThat(json.at("/selector").toString(), is("[\"sandbeam\",\"job.a\"]"));
    assertThat(json.at("/found").asInt(), is(3));
    assertThat(json.at("/deleted").asInt(), is(3));
    for (String zero : new String[] {"alreadyGone", "expired", "stuck", "unknown", "left"}) {
      assertThat(zero, json.at("/" + zero).asInt(-1), is(0));
    }
    assertThat(json.at("/leftIds").toString(), is("[]"));
    assertThat(json.at("/emptyListsInARow").asInt(), is(2));
    assertThat(json.at("/quietSeconds").asDouble(), is(2.0));
    assertThat(json.at("/hosts/0").asText(), is("simulated-host"));
    assertThat(json.at("/startedAt").asText(), is("1970-01-01T00:00:00Z"));
    assertThat(json.at("/endedAt").asText(), is("1970-01-01T00:00:02Z"));
    assertThat(json.at("/tookSeconds").asDouble(), is(2.0));
    assertThat(json.at("/dryRun").asBoolean(true), is(false));
    assertThat(
        "every component", json.size(), is(SweepReport.class.getRecordComponents().length + 1));
  }

  @Test
  void givenAFile_thenTheReportTakesItsPlaceAndNothingElseIsLeftThere() throws IOException {
    Path file = folder.resolve("report.json");
    Files.writeString(file, "of yesterday");
    SweepReport report = await(sweep.run());

    SweepReportFile.at(file.toString()).write(report);

    assertThat(Files.readString(file), is(report.json()));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.toList(), hasSize(1));
    }
    SweepReportFile gone = SweepReportFile.at(file.toString());
    Files.delete(file);
    Files.delete(folder);
    assertThat(
        assertThrows(SandboxException.class, () -> gone.write(report)).getMessage(),
        containsString("cannot be written to " + file));
    Files.createDirectory(folder);
  }

  @Test
  void givenAPlaceWhereNothingCanBeWritten_thenItIsRefusedBeforeAnythingIsSwept() {
    for (String place : new String[] {folder.toString(), folder + "/none/report.json", "", "\0"}) {
      String message =
          assertThrows(SandboxValidationException.class, () -> SweepReportFile.at(place))
              .getMessage();
      assertThat(message, containsString("Invalid --sweepReport=" + place));
    }
  }

  @Test
  void givenASweepThatDidNotStart_thenItsReportProvesNothing() {
    SweepReport report = SweepReport.brokenOff(Set.of(Tag.PRODUCT), "no way", time.now());

    assertThat(report.outcome(), is(Outcome.UNKNOWN));
    assertThat(report.line(), is("0 swept, unknown how many left (not proven: no way)"));
  }
}
