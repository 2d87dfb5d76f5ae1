package io.sandbeam.service.http;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.Effect;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.ListSnapshotsRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.Tag;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.testing.FaultySandboxService;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import mockwebserver3.RecordedRequest;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every call under every fault: nothing is done twice, nothing is lost, nothing stays open. */
class HttpFaultsTest {
  private static final Tag TAG = Tag.of("faults");
  private static final String KEY = "secret-key-of-this-test";

  private FaultySandboxService world;
  private ForeignServer server;
  private HttpSandboxService client;
  private HttpSandboxService templateClient;
  private String sandbox;
  private String snapshot;

  /** One call, and whether making it twice is making it once. */
  enum Rpc {
    CREATE(true) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.create(spec(), new RequestId("create-1"));
      }
    },
    CREATE_FROM_TEMPLATE(true) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.templateClient.create(spec(), new RequestId("create-1"));
      }
    },
    GET(true) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.get(test.sandbox);
      }
    },
    LIST(true) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.list(ListRequest.tagged(Set.of(TAG)).withState(SandboxState.RUNNING));
      }
    },
    DELETE_ALLOW_MISSING(true) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.delete(DeleteRequest.of(test.sandbox).withMissingOk(MissingOk.YES));
      }
    },
    DELETE(false) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.delete(DeleteRequest.of(test.sandbox));
      }
    },
    PURGE(true) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.purge(PurgeRequest.tagged(Set.of(TAG)));
      }
    },
    EXEC(false) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.exec(test.sandbox, ExecRequest.of("true"));
      }
    },
    WRITE_FILE(false) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.writeFile(test.sandbox, "/workspace/file", new byte[] {1});
      }
    },
    READ_FILE(false) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.readFile(test.sandbox, "/workspace/there");
      }
    },
    SNAPSHOT(true) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.createSnapshot(
            new SnapshotRequest(test.sandbox, SandboxSpec.SCRATCH_VOLUME, new RequestId("snap-1")));
      }
    },
    GET_SNAPSHOT(true) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.getSnapshot(test.snapshot);
      }
    },
    LIST_SNAPSHOTS(true) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.listSnapshots(ListSnapshotsRequest.of(test.sandbox));
      }
    },
    DELETE_SNAPSHOT_ALLOW_MISSING(true) {
      @Override
      CompletableFuture<?> call(HttpFaultsTest test) {
        return test.client.deleteSnapshot(test.snapshot, MissingOk.YES);
      }
    };

    final boolean repeatable;

    Rpc(boolean repeatable) {
      this.repeatable = repeatable;
    }

    abstract CompletableFuture<?> call(HttpFaultsTest test);
  }

  /** There are many of these: nobody waits longer than it takes. */
  private static ConditionFactory soon() {
    return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
  }

  private static SandboxSpec spec() {
    return SandboxSpec.builder().tags(Set.of(TAG)).build();
  }

  @BeforeEach
  void start() {
    world = FaultySandboxService.inMemory();
    server = new ForeignServer(world);
    ServiceConfig config =
        ServiceConfig.of(server.url())
            .withSetting("callTimeout", "1500ms")
            .withSetting("retryBudget", "20s");
    client = open(config);
    templateClient = open(config.withSetting("template", ForeignServer.TEMPLATE));
    SandboxInfo info = world.create(spec(), RequestId.mint()).join();
    sandbox = info.id();
    soon().until(() -> world.get(sandbox).join().state() == SandboxState.RUNNING);
    world.writeFile(sandbox, "/workspace/there", new byte[] {7}).join();
    snapshot = world.createSnapshot(SnapshotRequest.of(sandbox)).join().id();
  }

  private static HttpSandboxService open(ServiceConfig config) {
    return (HttpSandboxService)
        new HttpServiceProvider(Map.of("CWSANDBOX_API_KEY", KEY)).open(config);
  }

  @AfterEach
  void nothingIsLeft() {
    soon().atMost(10, SECONDS).until(() -> client.transport().open(), everyItem(is(0)));
    soon().atMost(10, SECONDS).until(() -> templateClient.transport().open(), everyItem(is(0)));
    world.purge(PurgeRequest.tagged(Set.of(TAG))).join();
    soon().until(() -> world.live(TAG), hasSize(0));
    client.close();
    templateClient.close();
    server.close();
  }

  static Stream<Arguments> everyCallUnderEveryFault() {
    return Arrays.stream(Rpc.values())
        .flatMap(rpc -> Arrays.stream(Fault.values()).map(fault -> Arguments.of(rpc, fault)))
        // A command and a file may take minutes: their slow answers are no fault before that.
        .filter(
            both -> {
              boolean slow = ((Fault) both.get()[1]).kind() == Fault.Kind.SLOW;
              boolean patient =
                  Set.of(Rpc.EXEC, Rpc.READ_FILE, Rpc.WRITE_FILE).contains((Rpc) both.get()[0]);
              return !slow || !patient;
            });
  }

  @ParameterizedTest
  @MethodSource("everyCallUnderEveryFault")
  void givenFault_whenCalled_thenDoneOnceOrFailedWithTheTruth(Rpc rpc, Fault fault) {
    long before = world.created();
    server.next(fault);

    CompletableFuture<?> call = rpc.call(this);
    soon().atMost(20, SECONDS).until(call::isDone);

    boolean ambiguous = fault.kind() == Fault.Kind.AMBIGUOUS || fault.kind() == Fault.Kind.SLOW;
    boolean succeeds = fault.kind() == Fault.Kind.QUOTA || (ambiguous && rpc.repeatable);
    if (succeeds) {
      call.join();
      assertThat(server.requests(), hasSize(2));
    } else {
      SandboxException failure = failure(call);
      assertThat(failure.effect(), is(ambiguous ? Effect.UNKNOWN : Effect.NONE));
      assertThat(failure.retryable(), is(ambiguous));
      assertThat(failure.getMessage(), not(containsString(KEY)));
      assertThat("asked once", server.requests(), hasSize(1));
    }
    boolean creates = rpc == Rpc.CREATE || rpc == Rpc.CREATE_FROM_TEMPLATE;
    long created = creates && succeeds ? 1 : 0;
    assertThat("one create makes one sandbox", world.created() - before, is(created));
  }

  @ParameterizedTest
  @MethodSource("everyCall")
  void givenNoFault_whenCalled_thenTheRequestIsOneThatWasPublished(Rpc rpc) {
    rpc.call(this).join();

    RecordedRequest request = server.requests().get(0);
    ApiMethod method = ForeignServer.method(request);
    Query query = ForeignServer.query(method, request.getUrl());
    ForeignServer.body(method, request);
    assertThat(query.asMap().keySet().size(), is(request.getUrl().queryParameterNames().size()));
    assertThat(request.getHeaders().get("Authorization"), is("Bearer " + KEY));
    // A server has to reserve the most there may be for a body that does not tell.
    assertThat(request.getHeaders().get("Transfer-Encoding"), is(nullValue()));
  }

  @Test
  void givenEveryCall_thenTheyAreAllMethodsOfTheApi() {
    Set<ApiMethod> asked = EnumSet.noneOf(ApiMethod.class);
    for (Rpc rpc : Rpc.values()) {
      int before = server.requests().size();
      // What an earlier call has ended is missing to a later one: what it asks is what counts.
      rpc.call(this).exceptionally(missing -> null).join();
      asked.add(ForeignServer.method(server.requests().get(before)));
    }
    assertThat(asked, is(EnumSet.allOf(ApiMethod.class)));
  }

  static Stream<Rpc> everyCall() {
    return Arrays.stream(Rpc.values());
  }

  @Test
  void givenQuotaAnswers_whenCreating_thenTheTimeHeldBackIsTold() {
    server.next(Fault.EXHAUSTED_WITH_HINT);
    assertThat(client.throttledTime(), is(Duration.ZERO));

    client.create(spec(), RequestId.mint()).join();

    assertThat(client.throttledTime().toMillis(), is(greaterThan(299L)));
  }

  @Test
  void givenServiceThatIsDown_whenCalled_thenItFailsWithinTheBudgetAndCertainlyDidNothing() {
    try (HttpSandboxService impatient = impatient("http://127.0.0.1:1")) {
      CompletableFuture<?> call = impatient.exec(sandbox, ExecRequest.of("true"));

      soon().atMost(10, SECONDS).until(call::isDone);

      assertThat(failure(call).effect(), is(Effect.NONE));
    }
  }

  private static HttpSandboxService impatient(String address) {
    return (HttpSandboxService)
        new HttpServiceProvider(Map.of())
            .open(ServiceConfig.of(address).withSetting("retryBudget", "500ms"));
  }

  @Test
  void givenOneRequestId_whenCreatedTwiceAtOnce_thenOneRequestIsSent() {
    List<CompletableFuture<SandboxInfo>> both =
        List.of(
            client.create(spec(), new RequestId("same")),
            client.create(spec(), new RequestId("same")));

    assertThat(both.get(0).join().id(), is(both.get(1).join().id()));
  }

  @Test
  void givenClosedClient_whenCalled_thenItSaysSo() {
    HttpSandboxService closed = impatient(server.url());
    closed.close();

    assertThat(failure(closed.get(sandbox)).getMessage(), containsString("closed"));
  }

  private static SandboxException failure(CompletableFuture<?> call) {
    Throwable cause = assertThrows(CompletionException.class, call::join).getCause();
    assertThat(cause, is(instanceOf(SandboxException.class)));
    return (SandboxException) cause;
  }
}
