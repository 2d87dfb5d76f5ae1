package io.sandbeam.service;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every group of the contract works with: an open service, a tag of this test alone, and the
 * proof after it that no sandbox with that tag is left.
 */
abstract class ServiceContract {
  /** Generous: a busy machine may be slow, and a hang is a failure all the same. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ControlPlaneContract suite;
  private final List<SandboxService> clients = new ArrayList<>();
  private final Queue<String> made = new ConcurrentLinkedQueue<>();
  private final Queue<String> snapshots = new ConcurrentLinkedQueue<>();

  /** On every sandbox of this test, and on no other. */
  final Tag run = Tag.of("contract-" + UUID.randomUUID());

  SandboxService service;

  ServiceContract(ControlPlaneContract suite) {
    this.suite = suite;
  }

  @BeforeEach
  final void openService() {
    service = anotherClient();
  }

  @AfterEach
  final void leaveNoSandbox() {
    SandboxService cleaner = suite.open();
    clients.add(cleaner);
    try {
      for (String id : made) {
        join(cleaner.delete(DeleteRequest.of(id).withMissingOk(MissingOk.YES)));
      }
      for (String id : snapshots) {
        CompletableFuture<Snapshot> deleted = cleaner.deleteSnapshot(id, MissingOk.YES);
        join(deleted);
      }
      eventually().until(() -> idsOf(cleaner, run), is(Set.of()));
      made.forEach(id -> eventually().until(() -> gone(cleaner, id)));
    } finally {
      join(cleaner.purge(PurgeRequest.tagged(Set.of(run))));
      clients.forEach(SandboxService::close);
    }
  }

  final SandboxService anotherClient() {
    SandboxService client = suite.open();
    clients.add(client);
    return client;
  }

  final boolean can(Capability capability) {
    return suite.capabilities().contains(capability);
  }

  final String unknownImage() {
    return suite.unknownImage();
  }

  /** A spec that is born with the tag of this test. */
  final SandboxSpec.Builder spec() {
    return suite.spec().tags(Set.of(run));
  }

  final SandboxInfo create(SandboxSpec spec) {
    return create(spec, RequestId.mint());
  }

  final SandboxInfo create(SandboxSpec spec, RequestId requestId) {
    return join(createAsync(spec, requestId));
  }

  final CompletableFuture<SandboxInfo> createAsync(SandboxSpec spec, RequestId requestId) {
    return service
        .create(spec, requestId)
        .thenApply(
            info -> {
              made.add(info.id());
              return info;
            });
  }

  /** The id of a new sandbox that is running. */
  final String running() {
    return running(spec().build());
  }

  final String running(SandboxSpec spec) {
    String id = create(spec).id();
    awaitState(id, SandboxState.RUNNING);
    return id;
  }

  final SandboxInfo awaitState(String id, SandboxState state) {
    return eventually()
        .failFast(
            "it has ended, and not as " + state,
            () -> get(id).isTerminal() && get(id).state() != state)
        .until(() -> get(id), info -> info.state() == state);
  }

  final SandboxInfo awaitTerminal(String id) {
    return eventually().until(() -> get(id), SandboxInfo::isTerminal);
  }

  final SandboxInfo get(String id) {
    return join(service.get(id));
  }

  final DeleteResult delete(String id) {
    return join(service.delete(DeleteRequest.of(id)));
  }

  final SandboxInfo deleteAndAwait(String id) {
    delete(id);
    return awaitTerminal(id);
  }

  /** The ids that a walk over all pages gives, each at most once. */
  final Set<String> idsOf(SandboxService from, Tag... tags) {
    return new LinkedHashSet<>(walk(from, ListRequest.tagged(List.of(tags))));
  }

  /** The ids that a walk over all pages gives, as they come. */
  final List<String> walk(SandboxService from, ListRequest first) {
    List<String> ids = new ArrayList<>();
    Set<String> tokens = new LinkedHashSet<>();
    Optional<String> token = Optional.empty();
    do {
      SandboxPage page = join(from.list(token.map(first::withPageToken).orElse(first)));
      page.sandboxes().forEach(info -> ids.add(info.id()));
      token = page.nextPageToken();
      assertThat("each page token once", token.map(tokens::add).orElse(true), is(true));
    } while (token.isPresent());
    return ids;
  }

  /** A snapshot that the end of the test deletes. */
  final Snapshot kept(Snapshot snapshot) {
    snapshots.add(snapshot.id());
    return snapshot;
  }

  final ExecResult exec(String id, String... command) {
    return exec(id, ExecRequest.builder(command).timeout(PATIENCE).build());
  }

  final ExecResult exec(String id, ExecRequest request) {
    return join(service.exec(id, request));
  }

  /** Runs a script; the arguments are its {@code $1}, {@code $2} and so on. */
  final ExecResult sh(String id, String script, String... arguments) {
    return exec(id, shell(script, arguments).timeout(PATIENCE).build());
  }

  static ExecRequest.Builder shell(String script, String... arguments) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    command.addAll(Arrays.asList(arguments));
    return ExecRequest.builder(command);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static ConditionFactory eventually() {
    return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20));
  }

  /** The answer, or the exception that the call failed with; never waits longer than is decent. */
  static <T> T join(CompletableFuture<T> future) {
    try {
      return future.get(PATIENCE.toMillis() * 2, MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        failure.addSuppressed(new AssertionError("the call was awaited here"));
        throw failure;
      }
      throw new AssertionError("a future fails with a SandboxException", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } catch (TimeoutException e) {
      throw new AssertionError("the call was not answered", e);
    }
  }

  static <T> List<T> joinAll(Collection<CompletableFuture<T>> futures) {
    return futures.stream().map(ServiceContract::join).toList();
  }

  /** The failure of a call that has to fail so. */
  static <E extends SandboxException> E failure(Class<E> kind, CompletableFuture<?> call) {
    return assertThrows(kind, () -> join(call));
  }

  /**
   * The failure of a command in a sandbox that has ended: what a service answers depends on its
   * records.
   */
  static SandboxException ended(CompletableFuture<?> call) {
    SandboxException failure = failure(SandboxException.class, call);
    if (!(failure instanceof SandboxNotFoundException)) {
      assertThat(failure, instanceOf(SandboxNotRunningException.class));
    }
    return failure;
  }

  private static boolean gone(SandboxService cleaner, String id)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return cleaner.get(id).get(PATIENCE.toMillis(), MILLISECONDS).isTerminal();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SandboxNotFoundException) {
        return true;
      }
      throw e;
    }
  }

  /** How long until the future is done, in whatever way. */
  static Duration timeTo(CompletableFuture<?> future) {
    long start = System.nanoTime();
    eventually().until(future::isDone);
    return Duration.ofNanos(System.nanoTime() - start);
  }

  static long seconds(Duration duration) {
    return SECONDS.convert(duration);
  }
}
