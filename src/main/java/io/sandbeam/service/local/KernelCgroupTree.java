package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** What is mounted on this machine. */
final class KernelCgroupTree implements CgroupTree {
  @Override
  public boolean exists(Path file) {
    return Files.exists(file);
  }

  @Override
  public boolean isWritable(Path file) {
    return Files.isWritable(file);
  }

  @Override
  public List<String> read(Path file) throws IOException {
    return Files.readAllLines(file);
  }

  @Override
  public void write(Path file, String value) throws IOException {
    Files.writeString(file, value, StandardOpenOption.WRITE);
  }

  @Override
  public void make(Path group) throws IOException {
    Files.createDirectory(group);
  }

  @Override
  public void remove(Path group) throws IOException {
    Files.deleteIfExists(group);
  }

  @Override
  public List<Path> below(Path group) throws IOException {
    try (Stream<Path> entries = Files.list(group)) {
      return entries.filter(Files::isDirectory).toList();
    }
  }
}
