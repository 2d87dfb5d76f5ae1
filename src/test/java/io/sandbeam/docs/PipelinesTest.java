package io.sandbeam.docs;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.matchesPattern;

import io.sandbeam.docs.Checkout.Ended;
import org.junit.jupiter.api.Test;

/** The pipelines on this machine, run by {@code scripts/run} as the README says. */
class PipelinesTest extends PipelinesContract {

  @Override
  String service() {
    return "";
  }

  @Test
  void givenASecondRun_thenNothingIsBuiltAgain() throws Exception {
    checkout.shell("./scripts/run pipelines/hello.yaml");

    Ended second = checkout.shell("./scripts/run pipelines/hello.yaml");

    assertThat(second.err(), matchesPattern("sandbeam: job hello-[a-z0-9]+\n"));
  }
}
