package io.sandbeam.service.local;

import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;
import io.sandbeam.service.leased.SealedJobs;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs of this user on this machine that are over: an empty file for each, named as its tag, of
 * the time when it was last sealed. All owners share them, dead ones' included.
 */
final class Seals implements SealedJobs {
  private static final Logger LOG = LoggerFactory.getLogger(Seals.class);

  private final Path directory;

  Seals(Path directory) {
    this.directory = directory;
  }

  /** Seals a job, or makes its seal last longer. */
  void seal(Tag job, Instant now) throws IOException {
    Path file = file(job);
    while (true) {
      try {
        Files.createFile(file);
        return;
      } catch (FileAlreadyExistsException e) {
        if (renewed(file, now)) {
          return;
        }
      }
    }
  }

  /** False when somebody's start removed the old seal just now. */
  private static boolean renewed(Path file, Instant now) throws IOException {
    try {
      Files.setLastModifiedTime(file, FileTime.from(now));
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  @Override
  public Seal of(Tag job) {
    return Files.exists(file(job), LinkOption.NOFOLLOW_LINKS) ? Seal.SEALED : Seal.OPEN;
  }

  /** Removes what was sealed longer ago than a seal is kept. */
  void forgetOld(Instant now) throws IOException {
    FileTime oldest = FileTime.from(now.minus(SandboxService.SEAL_RETENTION));
    List<Path> files;
    try (Stream<Path> entries = Files.list(directory)) {
      files = entries.toList();
    }
    for (Path file : files) {
      try {
        if (Files.getLastModifiedTime(file).compareTo(oldest) < 0) {
          Files.deleteIfExists(file);
        }
      } catch (NoSuchFileException e) {
        LOG.debug("seal {} was removed by another start", file.getFileName(), e);
      }
    }
  }

  private Path file(Tag job) {
    return directory.resolve(job.value());
  }
}
