package io.sandbeam.service;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A place where sandboxes live.
 *
 * <p>The operations are those of the Sandbox v1 API. Every call is asynchronous: it returns at once
 * and never blocks the caller, so that one worker can hold hundreds of commands in flight without a
 * thread for each. A future fails with a {@link SandboxException}; which one, each method says. Bad
 * arguments (an empty command, an invalid tag) are refused by the request types themselves.
 *
 * <p>What every implementation promises, and the contract suite checks:
 *
 * <ul>
 *   <li><b>Born tagged.</b> Tags are part of the create request; there is no way to add them later.
 *   <li><b>Created once.</b> Creating twice with one {@link RequestId} and an equal spec gives the
 *       same sandbox, also when it has ended since; with another spec it fails with {@link
 *       SandboxAlreadyExistsException}.
 *   <li><b>Leased.</b> No sandbox outlives its {@link SandboxSpec#maxLifetime()}, whatever happens
 *       to the caller: it ends as {@link SandboxState#FAILED} with a reason. Where the service can
 *       notice a dead owner, its sandboxes end at once.
 *   <li><b>Terminal is final.</b> A sandbox in a terminal state never changes again; its record
 *       stays readable for a bounded time, then {@link SandboxNotFoundException} is the answer.
 *   <li><b>Data is exact.</b> Output and files are bytes; what is cut is flagged and counted.
 * </ul>
 *
 * <p>Implementations are safe for use by any number of threads. Futures may complete on a thread of
 * the service: hand long work to your own executor.
 */
public interface SandboxService extends AutoCloseable {

  /**
   * Creates a sandbox. The future completes when the request is accepted; the sandbox may still be
   * {@link SandboxState#PENDING} or {@link SandboxState#CREATING}.
   *
   * <p>Fails with {@link SandboxValidationException} (an image that the service cannot have, for
   * one; nothing was created), {@link SandboxSnapshotException} (nothing to restore from; nothing
   * was created), {@link SandboxResourceExhaustedException} (a quota; nothing was created), {@link
   * SandboxAlreadyExistsException}, {@link SandboxSealedException} (see {@link #seal}; nothing was
   * created), or {@link SandboxUnavailableException}. A main process that cannot be started is no
   * failure of this call: the sandbox ends as {@link SandboxState#FAILED} with a reason. Only when
   * {@link SandboxException#effect()} is {@link Effect#UNKNOWN} may a sandbox exist after a
   * failure: call again with the same request id, or find it by its tags.
   */
  CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId);

  /**
   * Makes ready what sandboxes of an image need beforehand: an image that is not there is fetched,
   * so that a wrong name is known before the first create. Fails with {@link
   * SandboxValidationException} when the service cannot have it, and with {@link
   * SandboxUnavailableException} when that cannot be told now. Asking often costs little.
   *
   * <p>It promises nothing of later creates. A service that has nothing to fetch, or cannot tell,
   * answers at once.
   *
   * @param image as in a spec; empty means the service's own default
   */
  default CompletableFuture<Void> prepare(Optional<String> image) {
    return CompletableFuture.completedFuture(null);
  }

  /** Reads one sandbox, terminal ones included. Fails with {@link SandboxNotFoundException}. */
  CompletableFuture<SandboxInfo> get(String sandboxId);

  /**
   * Lists one page of the sandboxes that carry <em>every</em> given tag (whole tags, never
   * prefixes). The order is unspecified, and a list may lag behind {@link #get} for seconds: get is
   * the authority. Walking all pages gives every sandbox that existed during the whole walk, once,
   * also while others come and go. A token is good for any client of the service, and one that no
   * page gave is a {@link SandboxValidationException}.
   */
  CompletableFuture<SandboxPage> list(ListRequest request);

  /**
   * Ends a sandbox: TERM, the grace period, KILL. The future completes when the request is
   * accepted: the sandbox may still be {@link SandboxState#TERMINATING}; poll {@link #get} until it
   * is terminal. Deleting a terminal sandbox answers with its record while that is kept; deleting
   * one that is in its grace period again, with a shorter one, shortens it.
   *
   * <p>Fails with {@link SandboxNotFoundException} for an unknown id, unless the request says
   * {@link MissingOk#YES}; then the answer holds no sandbox.
   */
  CompletableFuture<DeleteResult> delete(DeleteRequest request);

  /**
   * Ends every active sandbox that carries all given tags, at once, or counts them. Best effort.
   */
  CompletableFuture<PurgeResult> purge(PurgeRequest request);

  /**
   * Seals a job, which is over: none of its sandboxes comes into being any more. Once the future
   * has completed with {@link Seal#SEALED},
   *
   * <ul>
   *   <li>every create whose spec carries the tag fails with {@link SandboxSealedException} and
   *       creates nothing, whoever asks, from whatever process;
   *   <li>a create that was under way meanwhile has either made its sandbox before the seal, so
   *       that a list that begins now knows it, or ends what it made by itself and fails so, too.
   * </ul>
   *
   * <p>Sandboxes that exist live on: sealing ends none of them, and a create that is repeated with
   * the request id of one still answers with it. Whole tags only. Sealing again changes nothing but
   * the time, for at least {@link #SEAL_RETENTION} of which the seal is remembered, also when its
   * caller, or the service, dies. Where callers have identities a seal holds for the sandboxes that
   * its caller may end.
   *
   * <p>A service that cannot remember seals answers {@link Seal#UNSUPPORTED}; nothing is changed
   * then.
   *
   * @param job a tag of {@link Tag#job}
   * @throws SandboxValidationException when the tag is no job's
   */
  default CompletableFuture<Seal> seal(Tag job) {
    checkJob(job);
    return CompletableFuture.completedFuture(Seal.UNSUPPORTED);
  }

  /**
   * Whether a job is sealed; changes nothing.
   *
   * @param job a tag of {@link Tag#job}
   * @throws SandboxValidationException when the tag is no job's
   */
  default CompletableFuture<Seal> sealOf(Tag job) {
    checkJob(job);
    return CompletableFuture.completedFuture(Seal.UNSUPPORTED);
  }

  /**
   * Runs a command in a running sandbox and waits for its end. A command that ends with a non-zero
   * exit code, a signal, at its timeout or for want of memory is an answer, not an error.
   *
   * <p>The future completes when the command itself has ended, also when processes it started are
   * still alive and hold its output open; {@link ExecResult#leftoverProcesses()} counts those. At
   * the timeout the command and everything it started are killed. Cancelling the future asks for
   * the same.
   *
   * <p>Fails with {@link SandboxNotFoundException}, {@link SandboxNotRunningException} (the sandbox
   * is not running, or ended under the command), {@link SandboxValidationException}, or {@link
   * SandboxUnavailableException}. A command that cannot be started is an answer, with the reason on
   * standard error: exit code 127 when its program is not found, 126 when that is not executable or
   * the directory to start in is not there.
   *
   * <p>Where sandboxes are leased to their owner, a service may run commands, move files and take
   * snapshots for the owner alone; another client is told so by {@link
   * SandboxUnsupportedException}, and can list and delete.
   */
  CompletableFuture<ExecResult> exec(String sandboxId, ExecRequest request);

  /**
   * Reads a regular file of a running sandbox, as the sandbox itself sees it. Fails with {@link
   * SandboxFileException}, above {@link #MAX_FILE_BYTES} with its {@code TOO_LARGE}, for a pipe or
   * a device with {@code IO_FAILED}; and with {@link SandboxValidationException} for a path that
   * {@link #checkFilePath} refuses.
   */
  CompletableFuture<byte[]> readFile(String sandboxId, String path);

  /**
   * Creates or replaces a file of a running sandbox, as the sandbox itself sees it; missing parent
   * directories are made. Fails with {@link SandboxFileException}, as {@link #readFile}.
   */
  CompletableFuture<Void> writeFile(String sandboxId, String path, byte[] content);

  /**
   * Archives the scratch volume of a running sandbox. Poll {@link #getSnapshot} until it is ready.
   */
  CompletableFuture<Snapshot> createSnapshot(SnapshotRequest request);

  /** Reads one snapshot. Fails with {@link SandboxSnapshotException}, its reason NOT_FOUND. */
  CompletableFuture<Snapshot> getSnapshot(String snapshotId);

  /** Lists one page of snapshots. */
  CompletableFuture<SnapshotPage> listSnapshots(ListSnapshotsRequest request);

  /**
   * Deletes a snapshot and answers with its last record, or with {@code null} when it is missing
   * and that is ok. Sandboxes restored from it live on.
   */
  CompletableFuture<Snapshot> deleteSnapshot(String snapshotId, MissingOk missingOk);

  /**
   * The id that the sandbox of a request has or will have, where it can be known before the create
   * is done; empty where the service gives it then.
   */
  default Optional<String> idFor(RequestId requestId) {
    return Optional.empty();
  }

  /**
   * How long calls of this client were held back so far, in all, because of quotas and rates: what
   * a runner should not take for work. Grows only; zero for a service that has no quotas.
   */
  default Duration throttledTime() {
    return Duration.ZERO;
  }

  /**
   * How long a create that is asked for now may stay unanswered before its caller gives up on it.
   * Longer than the usual minute where a service holds creates back until its quota has room again.
   */
  default Duration longestCreate() {
    return Duration.ofSeconds(60);
  }

  /**
   * How long a command that is asked for now may stay unanswered before its caller gives up on it:
   * its own limit, and what the way there and back takes on a busy machine. Longer where a service
   * holds commands back, or sends their input ahead.
   */
  default Duration longestExec(ExecRequest request) {
    return request.timeout().plusSeconds(30);
  }

  /** As {@link #longestCreate}, of {@link #readFile} and {@link #writeFile}. */
  default Duration longestFileCall() {
    return Duration.ofSeconds(60);
  }

  /**
   * How long after it was sent a create may still take effect when nobody waits for its answer any
   * more, because its client died: what a sweep has to wait for where there is no seal.
   */
  default Duration createTimeout() {
    return Duration.ofSeconds(60);
  }

  /** What this service is, which hosts its lists cover, and what isolation is in force. */
  ServiceDescription describe();

  /**
   * Ends this client or owner. A service whose sandboxes are leased to their owner (local) ends
   * them all and waits until they are gone; a client of a remote service only lets go of its
   * connections. Idempotent. Every call after it fails with a {@link SandboxException}.
   *
   * @throws SandboxException when sandboxes are left that could not be ended; the message names
   *     them
   */
  @Override
  void close();

  /** The most bytes that {@link #readFile} and {@link #writeFile} move in one call: 32 MiB. */
  int MAX_FILE_BYTES = 32 * 1024 * 1024;

  /** How long a seal is remembered at least: a worker that wakes up later is not refused. */
  Duration SEAL_RETENTION = Duration.ofDays(7);

  /**
   * The rule for tags that can be sealed, the same for all services: those of {@link Tag#job}.
   *
   * @return the tag
   * @throws SandboxValidationException naming the tag and the rule
   */
  static Tag checkJob(Tag job) {
    if (!job.isJob()) {
      throw new SandboxValidationException(
          "job",
          "Invalid job tag "
              + Quoted.of(job.value())
              + ": only jobs are sealed, by their whole tag, job.ID");
    }
    return job;
  }

  /**
   * The rule for paths of files, the same for all services: absolute, not the root, no NUL
   * character.
   *
   * @return the path
   * @throws SandboxValidationException naming the path and the rule
   */
  static String checkFilePath(String path) {
    return Checks.absolutePath("path", path);
  }
}
