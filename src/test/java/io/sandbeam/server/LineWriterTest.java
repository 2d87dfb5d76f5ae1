package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineWriterTest {
  @TempDir Path folder;

  @Test
  void givenADiskThatTakesAPartOfALine_whenItHasRoomAgain_thenTheNextLineIsWhole()
      throws IOException {
    Path file = folder.resolve("lines");
    LineWriter writer = new LineWriter();
    try (FileChannel disk =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      FullDisk full = new FullDisk(disk, new AtomicInteger(10));
      writer.write(full, "first");
      assertThrows(IOException.class, () -> writer.write(full, "second"));
      assertThrows(IOException.class, () -> writer.write(full, "third"));
      writer.write(disk, "fourth");
      writer.write(disk, "fifth");
    }
    assertThat(Files.readAllLines(file), is(List.of("first", "seco", "fourth", "fifth")));
  }
}
