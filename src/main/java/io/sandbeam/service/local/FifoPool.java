package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** New named pipes, made in batches: Java cannot make one, and a process for each would be dear. */
final class FifoPool implements AutoCloseable {
  private static final int BATCH = 64;

  private final Path directory;
  private final Deque<Fifo> ready = new ArrayDeque<>();
  private long made;

  FifoPool(Path directory) {
    this.directory = directory;
  }

  /** A pipe that nobody has written to, moved to where the sandbox will see it. */
  Fifo take(Path target) throws IOException {
    Fifo fifo;
    synchronized (this) {
      if (ready.isEmpty()) {
        makeBatch();
      }
      fifo = ready.remove();
    }
    try {
      return fifo.movedTo(target);
    } catch (IOException e) {
      fifo.close();
      throw e;
    }
  }

  private void makeBatch() throws IOException {
    List<String> command = new ArrayList<>(List.of("mkfifo", "-m", "600"));
    List<Path> paths = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      paths.add(directory.resolve(Long.toString(made++)));
    }
    paths.forEach(path -> command.add(path.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException("mkfifo failed: " + said.strip());
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while mkfifo ran", e);
    }
    for (Path path : paths) {
      ready.add(Fifo.open(path));
    }
  }

  @Override
  public synchronized void close() throws IOException {
    for (Fifo fifo : ready) {
      fifo.close();
    }
    ready.clear();
  }
}
