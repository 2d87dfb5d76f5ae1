package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.arrayWithSize;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.SandboxFileException.Reason;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files go in and out byte for byte, and only the sandbox's own can be reached. */
abstract class FilesContract extends ServiceContract {
  @TempDir Path hostFolder;

  FilesContract(ControlPlaneContract suite) {
    super(suite);
  }

  private byte[] read(String id, String path) {
    return join(service.readFile(id, path));
  }

  private void write(String id, String path, byte[] content) {
    join(service.writeFile(id, path, content));
  }

  private static Reason reason(CompletableFuture<?> call) {
    return failure(SandboxFileException.class, call).reason();
  }

  @Test
  void givenEveryByte_whenWrittenAndRead_thenItComesBack() {
    String id = running();
    byte[] bytes = Payloads.everyByte();

    write(id, "/workspace/file.bin", bytes);

    assertThat(read(id, "/workspace/file.bin"), is(bytes));
    assertThat(exec(id, "cat", "file.bin").stdout(), is(bytes));
  }

  @Test
  void givenFileOfACommand_whenRead_thenItsBytes() {
    String id = running();
    sh(id, "printf 'no newline \\000 at the end' > /tmp/made");

    assertThat(read(id, "/tmp/made"), is(utf8("no newline \0 at the end")));
  }

  @Test
  void givenEmptyContent_whenWritten_thenThereIsAnEmptyFile() {
    String id = running();

    write(id, "/workspace/empty", new byte[0]);

    assertThat(read(id, "/workspace/empty").length, is(0));
    assertThat(sh(id, "test -f empty && test ! -s empty").exitCode(), is(0));
  }

  @Test
  void givenFile_whenWrittenAgainShorter_thenNothingOfTheOldIsLeft() {
    String id = running();
    write(id, "/workspace/file", Payloads.random(10_000, 1));

    write(id, "/workspace/file", utf8("short"));

    assertThat(read(id, "/workspace/file"), is(utf8("short")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/workspace/with spaces",
        "/workspace/-rf",
        "/workspace/--help",
        "/workspace/new\nline",
        "/workspace/quotes'\"`",
        "/workspace/$HOME $(id)",
        "/workspace/*",
        "/workspace/ü✓𝄞",
        "/workspace/back\\slash",
        "/workspace/ends with newline\n",
        "/workspace/deep/er/and deeper/file",
        "/tmp/elsewhere",
        "/workspace/./a/../dotted",
        "/workspace//double"
      })
  void givenAwkwardPath_whenWrittenAndRead_thenItIsThatFile(String path) {
    String id = running();
    sh(id, "mkdir -p /workspace/a");

    write(id, path, utf8("content of " + path));

    assertThat(read(id, path), is(utf8("content of " + path)));
    assertThat(sh(id, "cat < \"$1\"", path).stdout(), is(utf8("content of " + path)));
  }

  @Test
  void givenMissingFile_whenRead_thenNotFoundAndTheErrorNamesIt() {
    String id = running();

    SandboxFileException failure =
        failure(SandboxFileException.class, service.readFile(id, "/workspace/no/such file"));

    assertThat(failure.reason(), is(Reason.NOT_FOUND));
    assertThat(failure.path(), is("/workspace/no/such file"));
    assertThat(failure.retryable(), is(false));
  }

  @Test
  void givenDirectory_whenReadOrWritten_thenIsDirectory() {
    String id = running();
    sh(id, "mkdir -p folder");

    assertThat(reason(service.readFile(id, "/workspace/folder")), is(Reason.IS_DIRECTORY));
    assertThat(
        reason(service.writeFile(id, "/workspace/folder", utf8("x"))), is(Reason.IS_DIRECTORY));
  }

  @Test
  void givenFileWhereADirectoryShouldBe_whenWritten_thenItFailsAndTheFileStays() {
    String id = running();
    write(id, "/workspace/file", utf8("kept"));

    failure(SandboxFileException.class, service.writeFile(id, "/workspace/file/under", utf8("x")));

    assertThat(read(id, "/workspace/file"), is(utf8("kept")));
  }

  @Test
  void givenPlaceThatCannotBeWritten_whenWritten_thenItFailsAndSaysWhy() {
    assertThat(
        reason(service.writeFile(running(), "/proc/version", utf8("x"))),
        anyOf(is(Reason.PERMISSION_DENIED), is(Reason.IO_FAILED)));
  }

  @Test
  void givenFileWithoutPermission_whenRead_thenPermissionDenied() {
    String id = running();
    boolean permitted = sh(id, "echo x > shut; chmod 000 shut; cat shut").exitCode() == 0;

    if (permitted) {
      // The root of a sandbox may read everything, and so may who asks for it.
      assertThat(join(service.readFile(id, "/workspace/shut")), is(utf8("x\n")));
    } else {
      assertThat(reason(service.readFile(id, "/workspace/shut")), is(Reason.PERMISSION_DENIED));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"relative", "", "./here", "/", "/workspace/nul\0byte"})
  void givenPathThatIsNotAbsolute_whenMoved_thenRefused(String path) {
    String id = running();

    failure(SandboxValidationException.class, service.readFile(id, path));
    failure(SandboxValidationException.class, service.writeFile(id, path, utf8("x")));
  }

  @Test
  void givenLargestFile_whenWrittenAndRead_thenItComesBack() {
    String id = running();
    byte[] largest = Payloads.random(SandboxService.MAX_FILE_BYTES, 9);

    write(id, "/workspace/large", largest);

    assertThat(Arrays.equals(read(id, "/workspace/large"), largest), is(true));
  }

  @Test
  void givenOneByteMore_whenWrittenOrRead_thenTooLargeAndNothingIsWritten() {
    String id = running();
    int more = SandboxService.MAX_FILE_BYTES + 1;
    sh(id, "head -c \"$1\" /dev/zero > large", Integer.toString(more));

    assertThat(reason(service.readFile(id, "/workspace/large")), is(Reason.TOO_LARGE));
    assertThat(
        reason(service.writeFile(id, "/workspace/other", new byte[more])), is(Reason.TOO_LARGE));
    assertThat(reason(service.readFile(id, "/workspace/other")), is(Reason.NOT_FOUND));
  }

  @Test
  void givenSymbolicLinkToASystemFile_whenRead_thenItIsTheSandboxesOwn() {
    String id = running();
    ExecResult own = sh(id, "ln -s /etc/passwd link; cat /etc/passwd");

    if (own.exitCode() == 0) {
      assertThat(read(id, "/workspace/link"), is(own.stdout()));
    } else {
      assertThat(reason(service.readFile(id, "/workspace/link")), is(Reason.NOT_FOUND));
    }
  }

  @Test
  void givenSymbolicLinkToAFileOfTheHost_whenRead_thenNotFound() throws java.io.IOException {
    String id = running();
    Path secret = java.nio.file.Files.writeString(hostFolder.resolve("secret"), "of the host");
    sh(id, "ln -s \"$1\" link; ln -s \"$2\" up", secret.toString(), "../../../../.." + secret);

    assertThat(reason(service.readFile(id, "/workspace/link")), is(Reason.NOT_FOUND));
    assertThat(reason(service.readFile(id, "/workspace/up")), is(Reason.NOT_FOUND));
  }

  @Test
  void givenSymbolicLinkToAFolderOfTheHost_whenWritten_thenTheHostIsUntouched() {
    String id = running();
    sh(id, "ln -s \"$1\" link", hostFolder.toString());

    CompletableFuture<Void> written =
        service.writeFile(id, "/workspace/link/intruder", utf8("from inside"));
    eventually().until(written::isDone);

    assertThat(hostFolder.toFile().list(), is(arrayWithSize(0)));
  }

  @Test
  void givenFileThatIsNoRegularOne_whenRead_thenItFailsPromptlyAndNeverHangs() {
    String id = running();
    sh(id, "mkfifo pipe");

    assertThat(reason(service.readFile(id, "/workspace/pipe")), is(Reason.IO_FAILED));
    assertThat(reason(service.readFile(id, "/dev/zero")), is(Reason.IO_FAILED));
  }

  @Test
  void givenManyFilesAtOnce_whenWrittenAndRead_thenEachIsItsOwn() {
    String id = running();
    joinAll(
        IntStream.range(0, 30)
            .mapToObj(i -> service.writeFile(id, "/workspace/many/" + i, utf8("file " + i)))
            .toList());

    for (int i = 0; i < 30; i++) {
      assertThat(read(id, "/workspace/many/" + i), is(utf8("file " + i)));
    }
  }
}
