package io.sandbeam.yaml;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import org.apache.beam.sdk.io.Compression;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;

/** The files that a source reads: a path or a glob, on any file system that Beam knows here. */
final class InputFiles {
  static final String PATH = "path";

  private final String spec;
  private final Location location;

  InputFiles(Config config) {
    this.spec = config.requiredText(PATH);
    this.location = config.required(PATH).location();
  }

  String spec() {
    return spec;
  }

  Location location() {
    return location;
  }

  /** The files there are now, at least one; a pipeline over a mistyped path would do nothing. */
  List<MatchResult.Metadata> match() {
    try {
      List<MatchResult.Metadata> files =
          FileSystems.match(spec, EmptyMatchTreatment.ALLOW).metadata();
      if (files.isEmpty()) {
        throw location.error("no file matches " + NearestName.quoted(spec) + hint());
      }
      return files;
    } catch (IOException | IllegalArgumentException e) {
      throw location.error(
          "cannot look for " + NearestName.quoted(spec) + ": " + Causes.message(e), e);
    }
  }

  private String hint() {
    return spec.contains("://") || spec.startsWith("/")
        ? ""
        : "; a relative path starts at " + java.nio.file.Path.of("").toAbsolutePath();
  }

  /** Opens a file, decompressed by its name ({@code .gz}, {@code .bz2}, {@code .zst}, …). */
  static InputStream open(MatchResult.Metadata file) throws IOException {
    ReadableByteChannel channel = FileSystems.open(file.resourceId());
    Compression compression = Compression.detect(file.resourceId().getFilename());
    return new BufferedInputStream(
        Channels.newInputStream(compression.readDecompressed(channel)), 1 << 16);
  }

  /** The files as elements, one bundle each where the runner can. */
  PCollection<FileIO.ReadableFile> read(PCollectionRowTuple input) {
    return input
        .getPipeline()
        .apply("Match", FileIO.match().filepattern(spec))
        .apply("Open", FileIO.readMatches());
  }
}
