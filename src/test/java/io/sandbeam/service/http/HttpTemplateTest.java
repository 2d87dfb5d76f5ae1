package io.sandbeam.service.http;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import io.sandbeam.server.SandbeamServer;
import io.sandbeam.service.Effect;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.V1;
import io.sandbeam.testing.FaultySandboxService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes of a template, asked for by our client. */
class HttpTemplateTest {
  private static final Tag TAG = Tag.of("of-a-template");
  private static final SandboxSpec SPEC = SandboxSpec.builder().tags(Set.of(TAG)).build();
  @TempDir Path folder;

  @Test
  void givenATemplate_whenACommandRuns_thenItRunsInWhatTheTemplateSays() throws IOException {
    Path templates = folder.resolve("templates.json");
    Files.writeString(
        templates,
        """
        {"grading": {"revision": 3, "spec": {"containers": [
           {"name": "app", "image": "host", "environmentVariables": {"LEVEL": "strict"}}]}}}
        """);
    try (SandboxService local = SandboxServices.open("local");
        SandbeamServer server =
            SandbeamServer.builder(local).bind("127.0.0.1", 0).templates(templates).start();
        SandboxService client =
            SandboxServices.open(
                ServiceConfig.of(server.uri().toString()).withSetting("template", "grading"))) {
      SandboxDefaults defaults = SandboxDefaults.builder().tags(TAG.value()).build();
      try (Session session = Session.open(client, defaults)) {
        ExecResult result = session.sandbox().exec("sh", "-c", "echo $LEVEL; pwd").join();

        assertThat(result.stdoutUtf8(), is("strict\n/workspace\n"));
        List<SandboxInfo> listed = client.list(ListRequest.tagged(Set.of(TAG))).join().sandboxes();
        assertThat(listed, hasSize(1));
        assertThat(listed.get(0).spec().image().orElseThrow(), is("host"));
      }
      assertThat(client.list(ListRequest.tagged(Set.of(TAG))).join().sandboxes(), is(empty()));
      SandboxException unknown = failure(server.uri().toString(), "gradng", SPEC);
      assertThat(unknown, is(instanceOf(SandboxValidationException.class)));
      assertThat(unknown.getMessage(), containsString("'gradng' not found: there are [grading]"));
      assertThat(local.list(ListRequest.tagged(Set.of(TAG))).join().sandboxes(), is(empty()));
    }
  }

  @Test
  void givenAForeignServer_whenCreated_thenTheBodyHoldsTheRequestIdAndThereIsNoQuery() {
    try (FaultySandboxService world = FaultySandboxService.inMemory();
        ForeignServer server = new ForeignServer(world);
        SandboxService client = open(server.url(), ForeignServer.TEMPLATE)) {
      SandboxInfo info = client.create(SPEC, new RequestId("r-1")).join();

      RecordedRequest request = server.requests().get(0);
      assertThat(ForeignServer.method(request), is(ApiMethod.CREATE_SANDBOX_FROM_TEMPLATE));
      assertThat(request.getUrl().queryParameterNames(), is(empty()));
      V1.CreateSandboxFromTemplateRequest body =
          (V1.CreateSandboxFromTemplateRequest)
              ForeignServer.body(ApiMethod.CREATE_SANDBOX_FROM_TEMPLATE, request);
      assertThat(body.templateId(), is(ForeignServer.TEMPLATE));
      assertThat(body.requestId(), is("r-1"));
      assertThat(body.overrides().tags(), is(List.of(TAG.value())));
      assertThat(info.spec().image().orElseThrow(), is("graders:7"));
      assertThat(client.create(SPEC, new RequestId("r-1")).join().id(), is(info.id()));
      assertThat(world.created(), is(1L));
      assertThat(failure(server.url(), "none", SPEC).effect(), is(Effect.NONE));
      world.purge(PurgeRequest.tagged(Set.of(TAG))).join();
      await().until(() -> world.live(), is(empty()));
    }
  }

  @Test
  void givenASpecThatNeedsAnImage_whenNoneIsNamed_thenItIsRefusedBeforeAnyCall() {
    SandboxSpec spec = SPEC.toBuilder().env(Map.of("A", "b")).build();
    try (FaultySandboxService world = FaultySandboxService.inMemory();
        ForeignServer server = new ForeignServer(world)) {
      SandboxException refusal = failure(server.url(), ForeignServer.TEMPLATE, spec);

      assertThat(refusal, is(instanceOf(SandboxValidationException.class)));
      assertThat(
          refusal.getMessage(), allOf(containsString("With env"), containsString("image: NAME")));
      assertThat(server.requests(), is(empty()));
    }
  }

  private static SandboxService open(String address, String template) {
    return new HttpServiceProvider(Map.of())
        .open(ServiceConfig.of(address).withSetting("template", template));
  }

  /** Why a client that is set up so cannot create it. */
  private static SandboxException failure(String address, String template, SandboxSpec spec) {
    try (SandboxService client = open(address, template)) {
      CompletableFuture<SandboxInfo> call = client.create(spec, RequestId.mint());
      Throwable cause = assertThrows(CompletionException.class, call::join).getCause();
      assertThat(cause, is(instanceOf(SandboxException.class)));
      return (SandboxException) cause;
    }
  }
}
