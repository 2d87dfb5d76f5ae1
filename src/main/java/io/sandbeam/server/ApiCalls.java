package io.sandbeam.server;

import java.util.concurrent.CompletableFuture;

/** Every method of the API, and what carries it out. Thread-safe. */
final class ApiCalls {
  private final CreateCall create;
  private final TemplateCall templates;
  private final ListCall list;
  private final PrepareCall images;
  private final SandboxCalls sandboxes;
  private final SealCall seals;
  private final CommandCalls commands;
  private final SnapshotCalls snapshots;

  ApiCalls(
      CreateCall create,
      TemplateCall templates,
      ListCall list,
      PrepareCall images,
      SandboxCalls sandboxes,
      SealCall seals,
      CommandCalls commands,
      SnapshotCalls snapshots) {
    this.create = create;
    this.templates = templates;
    this.list = list;
    this.images = images;
    this.sandboxes = sandboxes;
    this.seals = seals;
    this.commands = commands;
    this.snapshots = snapshots;
  }

  /** Fails, or throws at once, with what {@link Failures} can tell. */
  CompletableFuture<ApiAnswer> call(ApiRequest request) {
    return switch (request.method()) {
      case CREATE_SANDBOX -> create.create(request);
      case CREATE_SANDBOX_FROM_TEMPLATE -> templates.create(request);
      case GET_SANDBOX -> sandboxes.get(request);
      case LIST_SANDBOXES ->
          request
              .prepare()
              .map(what -> images.list(request, what))
              .orElseGet(() -> list.list(request));
      case DELETE_SANDBOX -> sandboxes.delete(request);
      case PURGE_SANDBOXES ->
          request
              .seal()
              .map(what -> seals.purge(request, what))
              .orElseGet(() -> sandboxes.purge(request));
      case EXEC -> commands.exec(request);
      case WRITE_FILE -> commands.writeFile(request);
      case READ_FILE -> commands.readFile(request);
      case CREATE_FILE_SYSTEM_SNAPSHOT -> snapshots.create(request);
      case GET_FILE_SYSTEM_SNAPSHOT -> snapshots.get(request);
      case LIST_FILE_SYSTEM_SNAPSHOTS -> snapshots.list(request);
      case DELETE_FILE_SYSTEM_SNAPSHOT -> snapshots.delete(request);
    };
  }
}
