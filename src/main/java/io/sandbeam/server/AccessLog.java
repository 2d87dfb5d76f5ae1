package io.sandbeam.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.sandbeam.service.SandboxException;
import java.io.Closeable;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line of JSON for each answered request: who, what, how it ended, how long and how much. Never
 * a token, a query, a command's arguments, an environment, a file's path or content. Goes to a
 * file, of which one predecessor is kept, or to the logger {@code io.sandbeam.server.access}.
 * Thread-safe.
 */
final class AccessLog implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
  private static final Logger ACCESS = LoggerFactory.getLogger("io.sandbeam.server.access");
  private static final JsonFactory JSON = new JsonFactory();
  private static final long LARGEST_FILE = 64L * 1024 * 1024;

  private final Optional<Path> file;
  private final long largest;
  // Guarded by this.
  private final LineWriter writer = new LineWriter();
  private FileChannel channel;
  private boolean broken;
  private boolean stuck;

  /**
   * One answered request.
   *
   * @param caller the token's name, or {@code -} when there was no good one
   * @param rpc the method's name, or {@code -} for anything else
   * @param sandboxId or empty
   * @param code of google.rpc, by name
   * @param reason machine-readable, or empty
   */
  record Line(
      Instant time,
      String remote,
      String caller,
      String verb,
      String rpc,
      String sandboxId,
      int status,
      String code,
      String reason,
      Duration duration,
      long bytesIn,
      long bytesOut) {}

  private AccessLog(Optional<Path> file, long largest) {
    this.file = file;
    this.largest = largest;
  }

  static AccessLog toLogger() {
    return new AccessLog(Optional.empty(), LARGEST_FILE);
  }

  static AccessLog to(Path file) {
    return to(file, LARGEST_FILE);
  }

  /** One that begins a new file behind so many bytes. */
  static AccessLog to(Path file, long largest) {
    AccessLog log = new AccessLog(Optional.of(file), largest);
    try {
      log.channel = open(file);
    } catch (IOException e) {
      throw new SandboxException("Cannot write the access log '" + file + "': " + e, e);
    }
    return log;
  }

  void write(Line line) {
    String json = json(line);
    if (file.isEmpty()) {
      ACCESS.info("{}", json);
    } else {
      append(json);
    }
  }

  @Override
  public synchronized void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      LOG.warn("Cannot close the access log {}", file, e);
    }
  }

  private synchronized void append(String json) {
    try {
      if (channel.size() > largest) {
        rotate(file.orElseThrow());
      }
      writer.write(channel, json);
      broken = false;
    } catch (IOException e) {
      if (!broken) {
        LOG.error(
            "The access log {} cannot be written; requests are answered all the same", file, e);
      }
      broken = true;
    }
  }

  /** The old file stays open, and takes the lines, until there is a new one. */
  private void rotate(Path path) {
    try {
      if (Files.exists(path)) {
        Files.move(
            path,
            path.resolveSibling(path.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING);
      }
      FileChannel old = channel;
      channel = open(path);
      stuck = false;
      old.close();
    } catch (IOException e) {
      if (!stuck) {
        LOG.error("The access log {} cannot be rotated, and grows until it can", path, e);
      }
      stuck = true;
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static String json(Line line) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("time", line.time().toString());
      json.writeStringField("remote", line.remote());
      json.writeStringField("caller", line.caller());
      json.writeStringField("verb", line.verb());
      json.writeStringField("rpc", line.rpc());
      if (!line.sandboxId().isEmpty()) {
        json.writeStringField("sandboxId", line.sandboxId());
      }
      json.writeNumberField("status", line.status());
      json.writeStringField("code", line.code());
      if (!line.reason().isEmpty()) {
        json.writeStringField("reason", line.reason());
      }
      json.writeNumberField("ms", line.duration().toMillis());
      json.writeNumberField("bytesIn", line.bytesIn());
      json.writeNumberField("bytesOut", line.bytesOut());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return out.toString();
  }
}
