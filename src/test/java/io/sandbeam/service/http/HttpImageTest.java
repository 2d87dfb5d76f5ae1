package io.sandbeam.service.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.server.SandbeamServer;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.FaultySandboxService;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The image of sandboxes whose spec names none, at a server of ours with a default of its own. */
class HttpImageTest {
  private static final SandboxSpec SPEC =
      SandboxSpec.builder().tags(Set.of(Tag.of("of-an-image"))).build();

  private final FaultySandboxService world =
      FaultySandboxService.inMemory().images("known").preparesImages();
  private final SandbeamServer server;

  HttpImageTest() throws IOException {
    server = SandbeamServer.builder(world).bind("127.0.0.1", 0).start();
  }

  @AfterEach
  void nothingIsLeft() {
    server.close();
    assertThat(world.live(), is(empty()));
    world.close();
  }

  private SandboxService client(String image) {
    ServiceConfig config = ServiceConfig.of(server.uri().toString());
    return SandboxServices.open(image.isEmpty() ? config : config.withSetting("image", image));
  }

  private static Optional<String> imageOfOneBy(SandboxService client) {
    SandboxInfo info = client.create(SPEC, RequestId.mint()).join();
    client.delete(DeleteRequest.of(info.id())).join();
    return info.spec().image();
  }

  @Test
  void givenASetting_thenItIsTheImage() {
    try (SandboxService client = client("known")) {
      client.prepare(Optional.empty()).join();

      assertThat(imageOfOneBy(client), is(Optional.of("known")));
    }
  }

  @Test
  void givenASettingThatNamesNoImageThere_thenPreparingFails() {
    try (SandboxService client = client("missing")) {
      Throwable failure =
          assertThrows(CompletionException.class, () -> client.prepare(Optional.empty()).join())
              .getCause();

      assertThat(failure.getMessage(), containsString("missing"));
    }
  }

  @Test
  void givenNoSetting_thenItIsTheServersOwn() {
    try (SandboxService client = client("")) {
      client.prepare(Optional.empty()).join();

      assertThat(imageOfOneBy(client), is(Optional.empty()));
    }
  }
}
