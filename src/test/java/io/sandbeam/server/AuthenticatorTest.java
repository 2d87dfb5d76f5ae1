package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

  private boolean knows(String token) {
    return authenticator.authenticate("Bearer " + token, null).isPresent();
  }

  private void mode(String permissions) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }
}
