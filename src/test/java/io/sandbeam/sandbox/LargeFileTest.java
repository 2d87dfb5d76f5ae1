package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxFileException.Reason;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.ForwardingSandboxService;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files above what one call may move go in and out in pieces, byte for byte. */
@Timeout(120)
class LargeFileTest {
  private static final int PIECE = SandboxService.MAX_FILE_BYTES;
  private static final SandboxDefaults DEFAULTS =
      SandboxDefaults.builder().tags("large-file-test").build();

  private final SandboxService local = SandboxServices.open("local");

  @AfterEach
  void nothingIsLeft() {
    assertThat(
        local.list(ListRequest.tagged(List.of(Tag.of("large-file-test")))).join().sandboxes(),
        is(empty()));
    local.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 12_345})
  void givenALargeFile_whenWrittenAndRead_thenItComesBack(int size) throws Exception {
    byte[] content = random(size);
    try (Sandbox sandbox = Sandbox.run(local, DEFAULTS)) {
      sandbox.writeFile("/workspace/in/deep folder/large", content).join();

      assertThat(
          sandbox.exec("sha256sum", "in/deep folder/large").join().stdoutUtf8(),
          containsString(sha256(content)));
      assertThat(
          Arrays.equals(sandbox.readFile("/workspace/in/deep folder/large").join(), content),
          is(true));
    }
  }

  @Test
  void givenALargeFile_whenReadInPieces_thenNoneIsAboveWhatOneCallMoves() {
    try (Sandbox sandbox = Sandbox.run(local, DEFAULTS)) {
      sandbox.exec("sh", "-c", "yes | head -c " + (3L * PIECE + 5) + " > large").join();
      FilePiece piece = sandbox.readFile("/workspace/large", 0).join();
      long bytes = piece.content().length;
      int pieces = 1;
      while (piece.next().isPresent()) {
        piece = sandbox.readFile("/workspace/large", piece.next().getAsLong()).join();
        assertThat(piece.content().length <= PIECE, is(true));
        bytes += piece.content().length;
        pieces++;
      }
      assertThat(bytes, is(3L * PIECE + 5));
      assertThat(pieces, is(4));
    }
  }

  @Test
  void givenAServiceThatKeepsLessOutput_thenThePiecesAreSmaller() {
    SandboxService stingy =
        changing(
            request ->
                ExecRequest.builder(request.command())
                    .stdin(request.stdin())
                    .maxOutputBytes(Math.min(request.maxOutputBytes(), 10_000_000))
                    .build());
    byte[] content = random(PIECE + 1);
    try (Sandbox sandbox = Sandbox.run(stingy, DEFAULTS)) {
      sandbox.writeFile("/workspace/large", content).join();

      assertThat(Arrays.equals(sandbox.readFile("/workspace/large").join(), content), is(true));
    }
  }

  @Test
  void givenAFileAboveTheLimit_whenReadOrWritten_thenTooLarge() {
    try (Sandbox sandbox = Sandbox.run(local, DEFAULTS)) {
      sandbox.exec("truncate", "-s", Integer.toString(Sandbox.MAX_FILE_BYTES + 1), "huge").join();

      assertThat(refused(sandbox.readFile("/workspace/huge")).reason(), is(Reason.TOO_LARGE));
      assertThat(
          refused(sandbox.writeFile("/workspace/other", new byte[Sandbox.MAX_FILE_BYTES + 1]))
              .reason(),
          is(Reason.TOO_LARGE));
      assertThat(refused(sandbox.readFile("/workspace/other")).reason(), is(Reason.NOT_FOUND));
    }
  }

  @Test
  void givenNoRoom_whenALargeFileIsWritten_thenItSaysSo() {
    // A device that takes the first piece and is full for every other.
    SandboxService full =
        changing(
            request ->
                ExecRequest.builder("dd", "of=/dev/full", "bs=65536")
                    .stdin(request.stdin())
                    .build());
    try (Sandbox sandbox = Sandbox.run(full, DEFAULTS)) {
      SandboxFileException failure =
          refused(sandbox.writeFile("/workspace/large", new byte[PIECE + 1]));

      assertThat(failure.reason(), is(Reason.IO_FAILED));
      assertThat(failure.getMessage(), containsString("No space left on device"));
    }
  }

  @Test
  void givenASandboxWithoutDd_thenTheMessageNamesIt() {
    SandboxService bare = changing(request -> ExecRequest.of("no-such-program-here"));
    try (Sandbox sandbox = Sandbox.run(bare, DEFAULTS)) {
      SandboxFileException failure =
          refused(sandbox.writeFile("/workspace/large", new byte[PIECE + 1]));

      assertThat(
          failure.getMessage(), allOf(containsString("command dd"), containsString("image")));
    }
  }

  @Test
  void givenAStartBetweenPieces_thenRefused() {
    try (Sandbox sandbox = Sandbox.run(local, DEFAULTS)) {
      CompletionException failure =
          assertThrows(
              CompletionException.class, () -> sandbox.readFile("/workspace/any", 17).join());

      assertThat(failure.getMessage(), containsString("Invalid start 17"));
    }
  }

  /** The local service, with other commands than it is asked for. */
  private SandboxService changing(UnaryOperator<ExecRequest> commands) {
    return new ForwardingSandboxService(local) {
      @Override
      public CompletableFuture<ExecResult> exec(String id, ExecRequest request) {
        return super.exec(id, commands.apply(request));
      }
    };
  }

  private static SandboxFileException refused(CompletableFuture<?> call) {
    CompletionException failure = assertThrows(CompletionException.class, call::join);
    assertThat(Failures.cause(failure).getMessage().length(), is(greaterThan(0)));
    return (SandboxFileException) Failures.cause(failure);
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }
}
