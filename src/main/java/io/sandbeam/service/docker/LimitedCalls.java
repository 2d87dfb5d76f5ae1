package io.sandbeam.service.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Calls that are answered in time or fail. The transport's own limit does nothing on a Unix socket:
 * there a thread that waits too long is interrupted, which closes the socket that it reads.
 */
final class LimitedCalls implements DockerHttpClient {
  private final DockerHttpClient calls;
  private final Duration limit;
  private final ScheduledThreadPoolExecutor timer;

  /**
   * @param limit of each wait for the engine, and not of a whole answer
   */
  LimitedCalls(DockerHttpClient calls, Duration limit) {
    this.calls = calls;
    this.limit = limit;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "sandbeam-docker-limits");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Response execute(Request request) {
    try {
      return new LimitedResponse(within(() -> calls.execute(request)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <T> T within(Callable<T> step) throws IOException {
    Alarm alarm = new Alarm(Thread.currentThread());
    Future<?> set = timer.schedule(alarm::ring, limit.toNanos(), TimeUnit.NANOSECONDS);
    try {
      return step.call();
    } catch (IOException | RuntimeException e) {
      if (alarm.off()) {
        throw late(e);
      }
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      set.cancel(false);
      var unused = alarm.off();
    }
  }

  private IOException late(Exception cause) {
    IOException late =
        new SocketTimeoutException("it did not answer within " + limit.toMillis() + " ms");
    late.initCause(cause);
    return late;
  }

  /** Interrupts its thread, and never once that has gone on. */
  private static final class Alarm {
    private final Thread waiting;
    private boolean rung;
    private boolean off;

    Alarm(Thread waiting) {
      this.waiting = waiting;
    }

    synchronized void ring() {
      if (!off) {
        rung = true;
        waiting.interrupt();
      }
    }

    /** By the thread itself: whether it was interrupted, of which nothing is left. */
    synchronized boolean off() {
      off = true;
      boolean was = rung;
      if (rung) {
        rung = false;
        var unused = Thread.interrupted();
      }
      return was;
    }
  }

  private final class LimitedResponse implements Response {
    private final Response response;

    LimitedResponse(Response response) {
      this.response = response;
    }

    @Override
    public int getStatusCode() {
      return response.getStatusCode();
    }

    @Override
    public Map<String, List<String>> getHeaders() {
      return response.getHeaders();
    }

    @Override
    public InputStream getBody() {
      return new FilterInputStream(response.getBody()) {
        @Override
        public int read() throws IOException {
          return within(() -> in.read());
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
          return within(() -> in.read(buffer, offset, length));
        }
      };
    }

    @Override
    public void close() {
      response.close();
    }
  }

  @Override
  public void close() throws IOException {
    timer.shutdownNow();
    calls.close();
  }
}
