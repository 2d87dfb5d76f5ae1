package io.sandbeam.service.docker;

import io.sandbeam.service.leased.Channel;
import io.sandbeam.service.leased.KeptOutput;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes out of one container: the output of commands, the tokens at their ends, and between
 * them the reports of process 1.
 */
final class SandboxOutput implements Attachment.Reader {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxOutput.class);
  private static final int MOST_COMPLAINTS = 500;

  /**
   * Of the readers, and so of the threads by which their connections write. Those end with an
   * exception when the container has closed its end, which its reader is told, too.
   */
  private static final ThreadGroup STREAMS =
      new ThreadGroup("sandbeam-docker-streams") {
        @Override
        public void uncaughtException(Thread thread, Throwable e) {
          LOG.debug("{}: the connection takes nothing more", thread.getName(), e);
        }
      };

  private final String id;
  private final Commands commands;
  private final Reports reports;
  private final KeptOutput complaints = new KeptOutput(MOST_COMPLAINTS);
  private final Map<Channel, OutputScanner> scanners;

  /** Takes what process 1 says of itself. */
  interface Reports {
    void ready();

    void fatal(String why);
  }

  SandboxOutput(String id, String secret, Commands commands, Reports reports) {
    this.id = id;
    this.commands = commands;
    this.reports = reports;
    this.scanners =
        Map.of(
            Channel.OUT, scanner(secret, Channel.OUT), Channel.ERR, scanner(secret, Channel.ERR));
  }

  /**
   * Attaches and reads, on a thread of its own, until the stream ends. Who waits for the lease does
   * not wait for an attach that is never answered; that holds this thread only, and over a Unix
   * socket not even this.
   *
   * @param ended told why the connection was lost; empty when the container has closed its end. Not
   *     told when the stream was not held
   */
  void readAll(Supplier<Attachment> attach, Lease lease, Consumer<Optional<String>> ended) {
    Thread reader =
        new Thread(
            STREAMS,
            () -> {
              Attachment attached;
              try {
                attached = attach.get();
              } catch (RuntimeException e) {
                lease.refuse(EngineFailure.asSandboxException(e));
                return;
              }
              if (lease.hold(attached)) {
                ended.accept(read(attached));
              }
            },
            "sandbeam-docker-" + id);
    reader.setDaemon(true);
    reader.start();
    lease.ifRefused(reader::interrupt);
  }

  private Optional<String> read(Attachment attached) {
    try {
      attached.readAll(this);
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      LOG.debug("Sandbox {}: its stream broke", id, e);
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void read(Channel channel, byte[] bytes, int length) {
    scanners.get(channel).scan(bytes, length);
  }

  /** What was written to standard error by no command. */
  String complaints() {
    return complaints.text();
  }

  private void reported(Channel channel, String text) {
    String[] words = text.split(" ", -1);
    switch (words[0]) {
      case "ready" -> reports.ready();
      case "fatal" -> reports.fatal(text.substring("fatal ".length()));
      case "leaving" -> commands.leave();
      default -> commands.report(channel, words);
    }
  }

  private OutputScanner scanner(String secret, Channel channel) {
    return new OutputScanner(
        secret,
        new OutputScanner.Sink() {
          @Override
          public void output(byte[] bytes, int offset, int length) {
            Optional<Execution> speaker = commands.speaker(channel);
            if (speaker.isPresent()) {
              speaker.get().output(channel, bytes, offset, length);
            } else if (channel == Channel.ERR) {
              complaints.write(bytes, offset, length);
            }
          }

          @Override
          public Optional<byte[]> token() {
            return commands.speaker(channel).map(execution -> execution.token);
          }

          @Override
          public void token(byte[] token) {
            commands.speaker(channel).ifPresent(execution -> commands.token(execution, channel));
          }

          @Override
          public void report(String text) {
            reported(channel, text);
          }
        });
  }
}
