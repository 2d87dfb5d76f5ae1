package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What waits to be sent to a container. */
@Timeout(60)
class ControlStreamTest {
  private static final int PART = 1 << 20;
  private static final int PARTS = 200;

  private final ControlStream stream = new ControlStream();

  @Test
  void givenLargeArchiveAndASlowReader_thenFewOfItIsQueuedAndAllOfItArrives() throws Exception {
    CompletableFuture<Boolean> sent = CompletableFuture.supplyAsync(this::sendAll);

    byte[] buffer = new byte[PART];
    long most = 0;
    for (int part = 0; part < PARTS; part++) {
      // Slower than the sender: it always has as much queued as it may.
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> sent.isDone() || stream.queued() > ControlStream.ROOM - PART);
      most = Math.max(most, stream.queued());
      assertThat(stream.readNBytes(buffer, 0, PART), is(PART));
      assertThat(buffer[PART - 1], is((byte) part));
    }

    assertThat(sent.get(10, TimeUnit.SECONDS), is(true));
    assertThat(most, is(lessThanOrEqualTo((long) ControlStream.ROOM)));
    assertThat(stream.queued(), is(0L));
  }

  private boolean sendAll() {
    for (int i = 0; i < PARTS; i++) {
      byte[] part = new byte[PART];
      part[PART - 1] = (byte) i;
      if (!stream.sendWhenThereIsRoom(part)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void givenSenderThatWaits_whenClosed_thenItIsToldAndALineNeverWaits() throws Exception {
    CompletableFuture<Boolean> sent = CompletableFuture.supplyAsync(this::sendAll);
    await().until(() -> stream.queued() > ControlStream.ROOM - PART);

    assertThat(stream.send("q\n".getBytes(StandardCharsets.UTF_8)), is(true));
    stream.close();

    assertThat(sent.get(10, TimeUnit.SECONDS), is(false));
    assertThat(stream.read(), is(-1));
  }

  @Test
  void givenPartThatIsLargerThanTheRoom_thenItIsSentWhenNothingElseWaits() throws IOException {
    assertThat(stream.sendWhenThereIsRoom(new byte[2 * ControlStream.ROOM]), is(true));

    assertThat(stream.readNBytes(ControlStream.ROOM).length, is(ControlStream.ROOM));
    assertThat(stream.queued(), is((long) ControlStream.ROOM));
  }
}
