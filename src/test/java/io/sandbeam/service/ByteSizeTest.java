package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0", "1, 1", "512, 512", "64Ki, 65536", "256Mi, 268435456", "1.5Gi, 1610612736",
        "2Ti, 2199023255552",
    "500M, 500000000", "1k, 1000", "1K, 1000", "0.1k, 100", "1.1M, 1100000", "2.3G, 2300000000",
        "10MB, 10000000",
    "10MiB, 10485760", "' 7Ki ', 7168"
  })
  void givenWrittenSize_thenItsBytes(String written, long bytes) {
    assertThat(ByteSize.parse(written), is(ByteSize.ofBytes(bytes)));
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        "x",
        "-1",
        "1i",
        "Mi",
        "1 2",
        "1..5Gi",
        ".5Gi",
        "5.Gi",
        "1Pi",
        "0x10",
        "1e3",
        "1,5Gi",
        "٣",
        "1Gi!",
        "9999999999999999999999",
        "9000000Ti"
      })
  void givenSomethingElse_thenRefusedWithTheValue(String written) {
    SandboxValidationException failure =
        assertThrows(SandboxValidationException.class, () -> ByteSize.parse(written));

    assertThat(failure.getMessage(), containsString(String.valueOf(written)));
  }

  @Test
  void givenNegativeBytes_thenRefused() {
    assertThrows(SandboxValidationException.class, () -> ByteSize.ofBytes(-1));
  }

  @Test
  void givenUnits_thenTheyAreBinary() {
    assertThat(ByteSize.ofKibibytes(3).bytes(), is(3L * 1024));
    assertThat(ByteSize.ofMebibytes(3).bytes(), is(3L * 1024 * 1024));
    assertThat(ByteSize.ofGibibytes(3).bytes(), is(3L * 1024 * 1024 * 1024));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1023, 1023",
    "1024, 1Ki",
    "1025, 1025",
    "268435456, 256Mi",
    "1610612736, 1536Mi"
  })
  void givenSize_whenPrinted_thenShortAndExact(long bytes, String printed) {
    assertThat(ByteSize.ofBytes(bytes).toString(), is(printed));
  }

  @Test
  void givenAnySize_whenPrinted_thenItIsReadBack() {
    LongStream edges = LongStream.of(0, 1, (1L << 53) + 1, (1L << 60) - 1, 1L << 60);
    LongStream random = new Random(60).longs(20_000, 0, 1L << 60);
    LongStream shifted = new Random(61).longs(20_000, 0, 1L << 60).map(size -> size >> (size % 50));

    LongStream.concat(edges, LongStream.concat(random, shifted))
        .mapToObj(ByteSize::ofBytes)
        .forEach(size -> assertThat(ByteSize.parse(size.toString()), is(size)));
  }
}
