package io.sandbeam.service.local;

import io.sandbeam.service.SandboxInfo;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sandboxes of the other owners of this user on this machine, dead ones included. */
final class OtherOwners {
  private static final Logger LOG = LoggerFactory.getLogger(OtherOwners.class);
  private static final Duration DEATH_LIMIT = Duration.ofSeconds(5);

  private final StateRoot root;
  private final String own;

  OtherOwners(StateRoot root, String own) {
    this.root = root;
    this.own = own;
  }

  /** One sandbox of another owner. */
  record Found(Path directory, SandboxRecord record) {
    /** As it is to be told. */
    SandboxInfo shown() {
      return new SandboxDirectory(directory).shown(record.info());
    }
  }

  /** All of them, as their owners last recorded them. */
  List<Found> all() throws IOException {
    List<Found> found = new ArrayList<>();
    for (String owner : names()) {
      Path sandboxes = root.owners().resolve(owner).resolve("sandboxes");
      try (Stream<Path> entries = Files.list(sandboxes)) {
        for (Path entry : entries.toList()) {
          read(entry).ifPresent(found::add);
        }
      } catch (NoSuchFileException e) {
        LOG.debug("owner {} has gone meanwhile", owner, e);
      }
    }
    return found;
  }

  /** One of them; the id has been checked. */
  Optional<Found> find(String id) throws IOException {
    for (String owner : names()) {
      Path directory = root.owners().resolve(owner).resolve("sandboxes").resolve(id);
      if (Files.isDirectory(directory)) {
        return read(directory);
      }
    }
    return Optional.empty();
  }

  private List<String> names() throws IOException {
    return root.ownerNames().stream()
        .filter(name -> !name.equals(own) && !OwnerDirectory.isUnfinished(name))
        .toList();
  }

  private static Optional<Found> read(Path directory) throws IOException {
    try {
      return Optional.of(new Found(directory, SandboxRecord.read(directory)));
    } catch (NoSuchFileException e) {
      // Not recorded yet, so not started yet; or gone.
      return Optional.empty();
    }
  }

  /**
   * Asks for the end of a sandbox of a living owner: marks it, so that its owner records a delete,
   * and signals its first process, if that is known. An owner that is just starting it sees the
   * mark.
   */
  static void requestEnd(Found found, Duration grace) throws IOException {
    try {
      Files.createFile(SandboxDirectory.tombstone(found.directory()));
    } catch (FileAlreadyExistsException e) {
      LOG.debug("{} is marked already", found.directory(), e);
    }
    Optional<HostProcess> init = SandboxRecord.read(found.directory()).init();
    if (grace.isZero()) {
      init.ifPresent(HostProcess::kill);
    } else {
      init.ifPresent(HostProcess::terminate);
    }
  }

  /**
   * Ends and removes what dead owners left; answers with the owners removed. One sweep at a time in
   * this JVM: locks of files are the process's, so a second thread would fail to get one, and would
   * let go of the first one's.
   */
  List<String> sweepDead() throws IOException {
    synchronized (OtherOwners.class) {
      return sweepAll();
    }
  }

  private List<String> sweepAll() throws IOException {
    List<String> removed = new ArrayList<>();
    for (String name : strangers()) {
      Path owner = root.owners().resolve(name);
      if (OwnerDirectory.isUnfinished(name) ? sweepUnfinished(owner) : sweep(owner)) {
        removed.add(name);
      }
    }
    return removed;
  }

  /** Names of dead owners; for a diagnosis, changes nothing. */
  List<String> dead() throws IOException {
    synchronized (OtherOwners.class) {
      return listDead();
    }
  }

  private List<String> listDead() throws IOException {
    List<String> dead = new ArrayList<>();
    for (String name : strangers()) {
      try (FileChannel channel = openLock(root.owners().resolve(name));
          FileLock lock = channel.tryLock()) {
        if (lock != null && !OwnerDirectory.isUnfinished(name)) {
          dead.add(name);
        }
      } catch (NoSuchFileException e) {
        LOG.debug("owner {} has gone meanwhile", name, e);
      }
    }
    return dead;
  }

  /**
   * Owners of other JVMs. This JVM must not even open its own lock files again: closing them would
   * let go of the locks.
   */
  private List<String> strangers() throws IOException {
    HostProcess self = HostProcess.current();
    return root.ownerNames().stream()
        .filter(
            name -> OwnerDirectory.makerOf(name).filter(maker -> !maker.equals(self)).isPresent())
        .toList();
  }

  private static FileChannel openLock(Path owner) throws IOException {
    return FileChannel.open(owner.resolve("lock"), StandardOpenOption.WRITE);
  }

  private static boolean sweep(Path owner) throws IOException {
    try (FileChannel channel = openLock(owner);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        return false;
      }
      LOG.info("Owner {} is dead: removing what it left", owner.getFileName());
      endProcesses(owner);
      removeCgroups(owner);
      TreeDeleter.delete(owner);
      return true;
    } catch (NoSuchFileException e) {
      // Another sweep was faster, or died before it removed the directory itself.
      return sweepUnfinished(owner);
    } catch (IOException e) {
      LOG.warn("What dead owner {} left cannot be removed now; a later sweep will", owner, e);
      return false;
    }
  }

  /** A directory whose lock may not be held yet: its maker is dead, or is making it now. */
  private static boolean sweepUnfinished(Path owner) throws IOException {
    boolean abandoned =
        OwnerDirectory.makerOf(owner.getFileName().toString())
            .filter(maker -> !maker.isAlive())
            .isPresent();
    if (abandoned) {
      TreeDeleter.delete(owner);
    }
    return abandoned;
  }

  private static void endProcesses(Path owner) throws IOException {
    // Also those that were being started, which no record names yet.
    Set<String> ids = new HashSet<>();
    List<HostProcess> processes = new ArrayList<>();
    try (Stream<Path> entries = Files.list(owner.resolve("sandboxes"))) {
      for (Path entry : entries.toList()) {
        ids.add(entry.getFileName().toString());
        read(entry).flatMap(found -> found.record().init()).ifPresent(processes::add);
      }
    } catch (NoSuchFileException e) {
      LOG.debug("owner {} had no sandboxes", owner, e);
    }
    processes.addAll(HostProcess.withArguments(words -> BwrapCommand.belongsTo(words, ids)));
    processes.forEach(process -> HostProcess.childrenOf(process.pid()).forEach(HostProcess::kill));
    processes.forEach(HostProcess::kill);
    long deadline = System.nanoTime() + DEATH_LIMIT.toNanos();
    while (processes.stream().anyMatch(HostProcess::isAlive)) {
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "processes of dead owner " + owner.getFileName() + " do not end: " + processes);
      }
      LockSupport.parkNanos(5_000_000L);
    }
  }

  private static void removeCgroups(Path owner) throws IOException {
    Path list = owner.resolve("cgroups");
    if (Files.exists(list)) {
      CgroupTree tree = new KernelCgroupTree();
      Files.readAllLines(list).forEach(line -> Cgroups.removeOwner(tree, Path.of(line)));
    }
  }
}
