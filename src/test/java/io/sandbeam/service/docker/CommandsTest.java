package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.startsWith;

import io.sandbeam.service.leased.Channel;
import io.sandbeam.service.leased.CommandCode;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.KeptOutput;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What becomes of commands when lines to process 1, or the end of an output, do not arrive. */
class CommandsTest {
  private final List<String> sent = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();
  private final List<Runnable> timers = new ArrayList<>();
  private final List<String> gaveUp = new ArrayList<>();
  private final Commands commands = new Commands(new Wire());

  /** Keeps what is sent and what is planned. */
  private final class Wire implements Commands.Host {
    @Override
    public boolean send(String line) {
      sent.add(line);
      return true;
    }

    @Override
    public boolean send(String line, byte[] bytes) {
      return send(line);
    }

    @Override
    public void later(Duration delay, Runnable task) {
      later.add(task);
    }

    @Override
    public Future<?> timer(Duration delay, Runnable task) {
      timers.add(task);
      return new CompletableFuture<>();
    }

    @Override
    public void ended(Execution execution, Ended how) {
      execution.ended.complete(how);
    }

    @Override
    public void giveUp(String why) {
      gaveUp.add(why);
    }
  }

  private Execution start() {
    Job job =
        new Job(
            CommandCode.own("exec true", List.of()),
            new byte[0],
            Duration.ofSeconds(10),
            Optional.of(new KeptOutput(100)),
            Optional.of(new KeptOutput(100)),
            Job.Kind.COMMAND);
    return commands.start(job).orElseThrow();
  }

  /** A second later. */
  private void check() {
    sent.clear();
    List<Runnable> due = List.copyOf(later);
    later.clear();
    due.forEach(Runnable::run);
  }

  private void report(String words) {
    commands.report(Channel.OUT, words.split(" ", -1));
  }

  @Test
  void givenALineThatDidNotArrive_whenProcessOneSaysSo_thenItIsSentOnceMore() {
    start();
    String line = sent.get(0);
    check();
    assertThat(sent, contains("c 1 0", "p 1"));
    sent.clear();

    report("missed 1");

    assertThat(sent, contains(line));
  }

  @Test
  void givenACommandThatHasEnded_whenItIsSaidToBeMissed_thenItIsNotSentAgain() {
    Execution execution = start();
    report("exit 1 0 0 0 0");
    commands.token(execution, Channel.OUT);
    commands.token(execution, Channel.ERR);
    sent.clear();

    report("missed 1");

    assertThat(sent, is(empty()));
    assertThat(execution.ended.join().cut(), is(empty()));
  }

  @Test
  void givenATurnThatDoesNotCome_thenItIsAskedForAgain() {
    start();
    Execution beside = start();
    // The round of turns gives it to the one that has ended.
    report("exit " + beside.number + " 0 1 0 0");
    check();
    assertThat(sent, hasItem("t " + beside.slot));
    report("pong 1");

    check();
    assertThat(sent, hasItem("t " + beside.slot));
    report("pong 2");

    for (Channel channel : Channel.values()) {
      commands.report(channel, new String[] {"turn", Integer.toString(beside.slot)});
    }
    sent.clear();
    check();
    assertThat(sent.stream().filter(line -> line.startsWith("t ")).toList(), is(empty()));
  }

  @Test
  void givenACountThatDoesNotCome_thenItIsAskedForAgain() {
    start();
    Execution beside = start();
    report("exit " + beside.number + " 0 1 0 0");
    commands.token(beside, Channel.OUT);
    commands.token(beside, Channel.ERR);

    check();
    assertThat(sent, hasItem("n " + beside.number + " 0 1"));

    report("loose " + beside.number + " 0");
    assertThat(beside.ended.join().leftovers(), is(0));
  }

  @Test
  void givenAnOutputWhoseEndDoesNotCome_thenItsResultSaysThatItIsCut() {
    Execution execution = start();
    byte[] some = "some".getBytes(StandardCharsets.UTF_8);
    execution.output(Channel.OUT, some, 0, some.length);
    report("exit 1 0 0 0 0");
    commands.token(execution, Channel.ERR);
    assertThat(timers, hasSize(2));

    timers.get(1).run();

    assertThat(execution.ended.join().cut(), is(Set.of(Channel.OUT)));
  }

  @Test
  void givenAnOutputThatWaitsForItsTurn_thenItIsNotTakenForCut() {
    start();
    Execution beside = start();
    report("exit " + beside.number + " 0 0 0 0");
    report("loose " + beside.number + " 0");

    fireLastTimer();
    giveTurn(beside.slot);
    fireLastTimer();
    assertThat("it has not had the turn for long", beside.ended.isDone(), is(false));

    fireLastTimer();
    assertThat(beside.ended.join().cut(), is(Set.of(Channel.OUT, Channel.ERR)));
  }

  private void fireLastTimer() {
    timers.get(timers.size() - 1).run();
  }

  private void giveTurn(int slot) {
    for (Channel channel : Channel.values()) {
      commands.report(channel, new String[] {"turn", Integer.toString(slot)});
    }
  }

  @Test
  void givenManyThatEndAtOnce_thenProcessOneCountsOnceForAllThatEndedMeanwhile() {
    List<Execution> all = Stream.generate(this::start).limit(50).toList();
    sent.clear();
    all.forEach(one -> report("exit " + one.number + " 0 0 0 0"));
    assertThat(counts(), contains(startsWith("n 1 0 1 2 ")));

    report("loose 1 7");
    check();

    assertThat(all.get(0).loose, is(7));
    assertThat(counts(), contains(startsWith("n 50 0 1 2 ")));
    report("loose 50 3");
    assertThat(all.stream().skip(1).map(one -> one.loose).distinct().toList(), contains(3));
  }

  private List<String> counts() {
    return sent.stream().filter(line -> line.startsWith("n ")).toList();
  }

  @Test
  void givenProcessOneThatIsBusy_thenItIsNotAskedMoreUntilItHasAnswered() {
    start();
    check();
    assertThat(sent, contains("c 1 0", "p 1"));

    check();
    assertThat(sent, is(empty()));

    report("pong 1");
    check();
    assertThat(sent, contains("c 1 0", "p 2"));
  }

  @Test
  void givenAQuestionWhoseAnswerNeverComes_thenItIsAskedAgainAfterAWhile() {
    start();
    check();

    int rounds = 1;
    for (check(); sent.isEmpty(); check()) {
      rounds++;
    }
    assertThat(rounds, is(lessThan(10)));
    assertThat(sent, contains("c 1 0", "p 2"));
  }

  @Test
  void givenAKillThatProcessOneHasNotComeToYet_thenTheSandboxIsNotGivenUp() {
    Execution execution = start();
    check();
    commands.kill(execution);
    // Each time it is the limit of the kill, too.
    check();
    check();
    assertThat(gaveUp, is(empty()));

    report("pong 1");
    check();
    assertThat(sent, hasItem("p 2"));
    report("pong 2");
    check();
    assertThat(gaveUp, hasSize(1));
  }

  @Test
  void givenOutputsThatAreComplete_thenTheyTakeNoTurns() {
    Execution one = start();
    Execution other = start();
    report("exit " + one.number + " 0 0 0 0");
    report("exit " + other.number + " 0 0 0 0");
    List.of(one, other)
        .forEach(
            execution -> {
              commands.token(execution, Channel.OUT);
              commands.token(execution, Channel.ERR);
            });
    check();
    giveTurn(other.slot);
    check();
    sent.clear();

    check();

    assertThat(sent.stream().filter(line -> line.startsWith("t ")).toList(), is(empty()));
  }
}
