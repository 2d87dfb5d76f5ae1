package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

abstract class CloseContract extends ServiceContract {
  CloseContract(ControlPlaneContract suite) {
    super(suite);
  }

  @Test
  void givenService_whenClosedTwice_thenTheSecondDoesNothing() {
    SandboxService client = anotherClient();

    client.close();
    client.close();
  }

  @Test
  void givenClosedService_whenCalled_thenItFailsAndSaysSo() {
    SandboxService client = anotherClient();
    client.close();

    failure(SandboxException.class, client.create(spec().build(), RequestId.mint()));
    failure(SandboxException.class, client.list(ListRequest.tagged(List.of(run))));
    assertThat(idsOf(service, run), is(Set.of()));
  }

  @Test
  void givenOneClient_whenItCloses_thenSandboxesOfAnotherRunOn() {
    String id = running();

    anotherClient().close();

    assertThat(get(id).state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenTheCreatorCloses_thenItsSandboxesAreGoneWhereTheyAreLeasedAndRunOnElsewhere() {
    String one = running();
    String two = running();
    Set<String> mine = Set.of(one, two);
    SandboxService other = anotherClient();

    service.close();

    assertThat(idsOf(other, run), is(can(Capability.LEASED_TO_OWNER) ? Set.of() : mine));
  }

  @Test
  void givenService_whenDescribed_thenItHasANameAndHosts() {
    ServiceDescription description = service.describe();

    assertThat(description.name(), is(not("")));
    assertThat(description.hosts(), is(notNullValue()));
    assertThat(description.hosts(), is(not(Set.of())));
  }
}
