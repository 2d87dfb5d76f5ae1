package io.sandbeam.chaos;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Each kind of fault once, on real parts; {@code scripts/chaos} runs as many as one likes. */
@Timeout(900)
class ChaosTest {
  private static final Logger LOG = LoggerFactory.getLogger(ChaosTest.class);

  @Test
  void givenEachKindOfFaultOnRealParts_thenNothingIsLeftAndNothingIsLost() throws Exception {
    long seed = Long.getLong("sandbeam.seed", System.currentTimeMillis());
    List<String> said = new ArrayList<>();

    ChaosTally tally =
        ChaosRun.rounds(Kind.values().length, seed, List.of(Kind.values()), said::add);

    tally.table().forEach(LOG::info);
    LOG.info("{}", tally.line());
    assertThat(String.join("\n", said), tally.isGood(), is(true));
    assertThat("rounds that broke running commands", tally.atWork(), is(greaterThan(3)));
  }
}
