package io.sandbeam.yaml;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.util.List;
import org.apache.beam.sdk.io.Compression;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/**
 * {@code ReadFiles}: each matching file is a row with {@code path}, {@code name}, {@code content}
 * (bytes, as they are) and {@code size}. A file larger than {@code max_bytes} (default: the most
 * that goes into a sandbox in one call) is a failure: never cut.
 */
final class ReadFiles extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
  static final List<String> KEYS = List.of(InputFiles.PATH, "max_bytes", Config.ERROR_HANDLING);

  private static final Schema SCHEMA =
      Schema.builder()
          .addStringField("path")
          .addStringField("name")
          .addByteArrayField("content")
          .addInt64Field("size")
          .build();
  private static final Schema FAILED =
      Schema.builder().addStringField("path").addInt64Field("size").build();

  private final transient InputFiles files;
  private final int maxBytes;
  private final Failures failures;

  ReadFiles(Config config) {
    this.files = new InputFiles(config);
    this.maxBytes = maxBytes(config);
    this.failures = new Failures(config, FAILED);
  }

  private static int maxBytes(Config config) {
    String written =
        config.text("max_bytes").orElse(Integer.toString(SandboxService.MAX_FILE_BYTES));
    try {
      long bytes = ByteSize.parse(written).bytes();
      if (bytes < Integer.MAX_VALUE) {
        return (int) bytes;
      }
    } catch (SandboxException e) {
      throw config.required("max_bytes").location().error(e.getMessage(), e);
    }
    throw config
        .required("max_bytes")
        .location()
        .error(config.name("max_bytes") + " must be below 2Gi, not " + NearestName.quoted(written));
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple input) {
    files.match();
    PCollection<FileIO.ReadableFile> matched =
        input
            .getPipeline()
            .apply("Match", FileIO.match().filepattern(files.spec()))
            .apply("Open", FileIO.readMatches().withCompression(Compression.UNCOMPRESSED));
    return failures.apply("Read", matched, new ReadFn(maxBytes, failures), SCHEMA);
  }

  private static final class ReadFn extends DoFn<FileIO.ReadableFile, Row> {
    private final int maxBytes;
    private final Failures failures;

    ReadFn(int maxBytes, Failures failures) {
      this.maxBytes = maxBytes;
      this.failures = failures;
    }

    @ProcessElement
    public void process(@Element FileIO.ReadableFile file, MultiOutputReceiver out) {
      String path = file.getMetadata().resourceId().toString();
      long size = file.getMetadata().sizeBytes();
      byte[] content;
      try {
        content = content(file, path);
      } catch (IOException e) {
        failures.record(Row.withSchema(FAILED).addValues(path, size).build(), e, out);
        return;
      }
      String name = file.getMetadata().resourceId().getFilename();
      out.get(Failures.ROWS)
          .output(
              Row.withSchema(SCHEMA).addValues(path, name, content, (long) content.length).build());
    }

    private byte[] content(FileIO.ReadableFile file, String path) throws IOException {
      try (InputStream in = Channels.newInputStream(file.open())) {
        byte[] content = in.readNBytes(maxBytes);
        if (in.read() >= 0) {
          throw new IOException(
              path + " is larger than max_bytes (" + ByteSize.ofBytes(maxBytes) + ")");
        }
        return content;
      }
    }
  }
}
