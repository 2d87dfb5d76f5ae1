package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Input and output are bytes: exact, separate, capped with a count of what was cut. */
abstract class ExecStreamsContract extends ServiceContract {
  ExecStreamsContract(ControlPlaneContract suite) {
    super(suite);
  }

  private static ExecRequest cat(byte[] input) {
    return ExecRequest.builder("cat").stdin(input).maxOutputBytes(input.length + 1).build();
  }

  @Test
  void givenEveryByte_whenPipedThrough_thenItComesBack() {
    byte[] bytes = Payloads.everyByte();

    assertThat(exec(running(), cat(bytes)).stdout(), is(bytes));
  }

  @Test
  void givenRandomBytes_whenPipedThrough_thenTheyComeBack() {
    String id = running();
    Random random = new Random(4711);
    for (int round = 0; round < 15; round++) {
      byte[] bytes = Payloads.random(random.nextInt(100_000), round);

      assertThat("round " + round, Arrays.equals(exec(id, cat(bytes)).stdout(), bytes), is(true));
    }
  }

  @Test
  void givenInputOf5MiB_whenPipedThrough_thenItComesBack() {
    byte[] bytes = Payloads.random(5 << 20, 5);

    ExecResult result = exec(running(), cat(bytes));

    assertThat(Arrays.equals(result.stdout(), bytes), is(true));
    assertThat(result.stdoutTruncated(), is(false));
  }

  @Test
  void givenNoInput_whenCommandReads_thenItMeetsTheEnd() {
    String id = running();

    assertThat(exec(id, "cat").stdout().length, is(0));
    assertThat(sh(id, "read line; echo $?").stdoutUtf8(), is("1\n"));
  }

  @Test
  void givenInputThatNobodyReads_whenCommandEnds_thenItIsAnOrdinaryAnswer() {
    String id = running();
    byte[] bytes = Payloads.random(5 << 20, 6);

    assertThat(exec(id, ExecRequest.builder("true").stdin(bytes).build()).exitCode(), is(0));
    ExecResult first = exec(id, ExecRequest.builder("head", "-c", "3").stdin(bytes).build());
    assertThat(first.stdout(), is(Arrays.copyOf(bytes, 3)));
  }

  @Test
  void givenInput_whenTwoCommandsOfAScriptRead_thenTheyShareIt() {
    ExecRequest request =
        shell("read first; echo \"1:$first\"; cat").stdin(utf8("a\nb\nc")).build();

    assertThat(exec(running(), request).stdoutUtf8(), is("1:a\nb\nc"));
  }

  @Test
  void givenBothOutputs_whenWritten_thenTheyStayApart() {
    ExecResult result =
        sh(running(), "printf out; printf err >&2; printf ' out\\n'; printf ' err\\n' >&2; exit 4");

    assertThat(result.stdoutUtf8(), is("out out\n"));
    assertThat(result.stderrUtf8(), is("err err\n"));
    assertThat(result.exitCode(), is(4));
    assertThat(result.stdoutBytesProduced(), is(8L));
    assertThat(result.stderrBytesProduced(), is(8L));
  }

  @Test
  void givenBinaryErrors_whenWritten_thenTheyAreExact() {
    byte[] bytes = Payloads.everyByte();

    ExecResult result = exec(running(), shell("cat >&2").stdin(bytes).build());

    assertThat(result.stderr(), is(bytes));
    assertThat(result.stdout().length, is(0));
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 999",
    "1000, 1000",
    "1000, 1001",
    "0, 0",
    "0, 1",
    "1, 2",
    "65536, 65537",
    "4096, 1000000"
  })
  void givenCap_whenOutputMeetsIt_thenTheFirstBytesAreKeptAndTheRestCounted(int cap, int produced) {
    byte[] bytes = Payloads.random(produced, 3);
    ExecRequest request =
        shell("cat > copy; cat copy; cat copy >&2").stdin(bytes).maxOutputBytes(cap).build();

    ExecResult result = exec(running(), request);

    byte[] kept = Arrays.copyOf(bytes, Math.min(cap, produced));
    assertThat(Arrays.equals(result.stdout(), kept), is(true));
    assertThat(Arrays.equals(result.stderr(), kept), is(true));
    assertThat(result.stdoutBytesProduced(), is((long) produced));
    assertThat(result.stderrBytesProduced(), is((long) produced));
    assertThat(result.stdoutTruncated(), is(produced > cap));
    assertThat(result.stderrTruncated(), is(produced > cap));
    assertThat(result.exitCode(), is(0));
  }

  @Test
  void givenOutputOf20MB_whenCapped_thenAllOfItIsCountedAndTheCommandIsNotHeldUp() {
    String id = running();

    ExecResult result = sh(id, "head -c 20000000 /dev/zero; head -c 20000001 /dev/zero >&2");

    assertThat(result.exitCode(), is(0));
    assertThat(result.stdoutBytesProduced(), is(20_000_000L));
    assertThat(result.stderrBytesProduced(), is(20_000_001L));
    assertThat(result.stdout().length, is(ExecRequest.DEFAULT_MAX_OUTPUT_BYTES));
    assertThat(result.stderr().length, is(ExecRequest.DEFAULT_MAX_OUTPUT_BYTES));
  }

  @Test
  void givenProcessInTheBackground_whenItHoldsTheOutput_thenTheAnswerDoesNotWaitForIt() {
    String id = running();
    long start = System.nanoTime();

    ExecResult result = sh(id, "sleep 300 & echo done");

    assertThat(result.stdoutUtf8(), is("done\n"));
    assertThat((System.nanoTime() - start) / 1_000_000_000L, is(lessThan(30L)));
  }

  @Test
  void givenClosedOutputs_whenCommandRuns_thenItsExitCodeIsStillTheAnswer() {
    ExecResult result = sh(running(), "exec >&- 2>&- <&-; exit 9");

    assertThat(result.exitCode(), is(9));
    assertThat(result.stdoutBytesProduced(), is(0L));
  }
}
