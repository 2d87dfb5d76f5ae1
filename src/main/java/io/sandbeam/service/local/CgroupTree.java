package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of a control group hierarchy. The kernel makes them and refuses what its rules forbid,
 * always with an {@link IOException}.
 */
interface CgroupTree {

  boolean exists(Path file);

  boolean isWritable(Path file);

  /** The lines of one file. */
  List<String> read(Path file) throws IOException;

  /** Writes one value to a file that is there. */
  void write(Path file, String value) throws IOException;

  /** Makes a group; its parent is there. */
  void make(Path group) throws IOException;

  /** Removes a group; silent when it is gone already. */
  void remove(Path group) throws IOException;

  /** The groups directly below one. */
  List<Path> below(Path group) throws IOException;
}
