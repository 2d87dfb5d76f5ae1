package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a running server takes from its token file, look by look. */
class AuthenticatorTest {
  @TempDir Path folder;
  private Path file;
  private String alice;
  private Authenticator authenticator;

  @BeforeEach
  void aliceHasAToken() {
    file = folder.resolve("tokens");
    alice = TokenFile.mint(file, "alice", Role.USER);
    authenticator = Authenticator.of(file, new HastyClock());
    assertThat(knows(alice), is(true));
  }

  @Test
  void givenTheOnlyLineIsDeleted_thenItsTokenIsTakenBackUntilThereIsALineAgain()
      throws IOException {
    Files.writeString(file, "# nobody\n");
    assertThat("it may have been seen half written", knows(alice), is(true));
    assertThat(knows(alice), is(false));

    String bob = TokenFile.mint(file, "bob", Role.USER);
    assertThat(knows(bob), is(true));
    assertThat(knows(alice), is(false));
  }

  @Test
  void givenAFileThatWasRefused_whenChmodMendsIt_thenItCounts() throws IOException {
    String bob = TokenFile.mint(file, "bob", Role.USER);
    mode("rw-rw-rw-");
    assertThat(knows(bob), is(false));
    assertThat("read before", knows(alice), is(true));

    mode("rw-------");
    assertThat(knows(bob), is(true));
  }

  @Test
  void givenAMissingFile_thenTheTokensReadBeforeStayGoodUntilThereIsOne() throws IOException {
    Path aside = Files.move(file, folder.resolve("aside"));
    assertThat(knows(alice), is(true));

    String bob = TokenFile.mint(aside, "bob", Role.USER);
    Files.move(aside, file);
    assertThat(knows(bob), is(true));
  }

  @Test
  void givenAFileThatIsWrittenAnewInPlace_thenNoGoodTokenIsRefusedMeanwhile() throws IOException {
    String bob = TokenFile.mint(file, "bob", Role.USER);
    assertThat(knows(bob), is(true));
    String whole = Files.readString(file);
    List<String> steps =
        List.of("", whole.substring(0, whole.indexOf('\n') + 1), whole + "# more\n");
    for (String token : List.of(alice, bob)) {
      for (String written : steps) {
        Files.writeString(file, written);
        assertThat(written, knows(token), is(true));
      }
    }
    assertThat("the end", knows(alice) && knows(bob), is(true));
    assertThat("and settled", knows(alice) && knows(bob), is(true));
  }

  @Test
  void givenALineThatWasDeletedWhileNobodyCalled_thenItsTokenIsGoodForNoCallMore()
      throws IOException {
    Files.writeString(file, "# nobody\n");
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH.minusSeconds(60)));

    assertThat(knows(alice), is(false));
  }

  @Test
  void givenATokenWhoseRoleIsLessNow_thenThatCountsAtOnce() throws IOException {
    String root = TokenFile.mint(file, "root", Role.ADMIN);
    assertThat(caller(root).orElseThrow().isAdmin(), is(true));

    Files.writeString(file, Files.readString(file).replace("root admin", "root user"));

    assertThat(caller(root).orElseThrow().isAdmin(), is(false));
  }

  @Test
  void givenAFileThatChangesAllTheTime_thenWhatItLacksIsTakenBackAllTheSame() throws IOException {
    boolean known = true;
    for (int look = 0; look < 7 && known; look++) {
      Files.writeString(file, "# nobody" + ".".repeat(look) + "\n");
      known = knows(alice);
    }
    assertThat(known, is(false));
  }

  private Optional<Caller> caller(String token) {
    return authenticator.authenticate("Bearer " + token, null);
  }

  private boolean knows(String token) {
    return caller(token).isPresent();
  }

  private void mode(String permissions) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }
}
