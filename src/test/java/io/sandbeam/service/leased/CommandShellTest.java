package io.sandbeam.service.leased;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandShellTest {
  private final CommandShell shell = new CommandShell(name -> name.startsWith("s_"));

  private String code(Map<String, String> env, String... argv) {
    return shell.command("/workspace", env, List.of(argv)).write(7);
  }

  @Test
  void givenData_thenItIsQuotedWhateverItIs() {
    assertThat(
        code(Map.of("A", "it's\n$b"), "echo", "; `rm`"),
        is(
            "cd '/workspace' || exit 126; unset OLDPWD; export SANDBEAM_EXEC=7."
                + " A='it'\\''s\n$b'; exec 'echo' '; `rm`'"));
  }

  @Test
  void givenNamesThatAShellGivesAMeaning_thenEnvPassesThem() {
    assertThat(
        code(Map.of("UID", "5", "BASH_ENV", "x", "s_own", "y"), "true"),
        is(
            "cd '/workspace' || exit 126; unset OLDPWD; export SANDBEAM_EXEC=7."
                + "; exec env -- 'BASH_ENV=x' 'UID=5' 's_own=y' 'true'"));
  }

  @Test
  void givenAProgramWhoseNameBeginsWithADash_thenEnvStartsIt() {
    assertThat(
        code(Map.of(), "-x"),
        is(
            "cd '/workspace' || exit 126; unset OLDPWD; export SANDBEAM_EXEC=7."
                + "; exec env -- '-x'"));
  }
}
