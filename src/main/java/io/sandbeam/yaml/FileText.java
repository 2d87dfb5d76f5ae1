package io.sandbeam.yaml;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.beam.sdk.io.FileSystems;

/** Reads the text of a pipeline file: UTF-8, and not larger than a file written by people. */
final class FileText {
  /** The most bytes a pipeline file may have: 1 MiB. */
  static final int MAX_BYTES = 1024 * 1024;

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private FileText() {}

  static String read(String file) {
    return decode(file, bytes(file));
  }

  private static byte[] bytes(String file) {
    try (InputStream in = open(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw PipelineFileException.ofFile(
            file,
            "the file is larger than 1 MiB, the most a pipeline file may have; keep data in files of its own");
      }
      return bytes;
    } catch (FileNotFoundException | java.nio.file.NoSuchFileException e) {
      throw new PipelineFileException(file, 0, 0, "there is no such file", e);
    } catch (IOException | IllegalArgumentException e) {
      throw new PipelineFileException(file, 0, 0, "the file cannot be read: " + e.getMessage(), e);
    }
  }

  private static InputStream open(String file) throws IOException {
    if (file.contains("://")) {
      return Channels.newInputStream(
          FileSystems.open(FileSystems.matchSingleFileSpec(file).resourceId()));
    }
    Path path = Path.of(file);
    if (Files.isDirectory(path)) {
      throw PipelineFileException.ofFile(file, "this is a directory; name one file in it");
    }
    return Files.newInputStream(path);
  }

  private static String decode(String file, byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      int line = 1;
      int good = goodPrefix(bytes);
      int start = 0;
      for (int i = 0; i < good; i++) {
        if (bytes[i] == '\n') {
          line++;
          start = i + 1;
        }
      }
      throw new PipelineFileException(
          file,
          line,
          good - start + 1,
          "the file is not UTF-8 text: byte 0x" + Integer.toHexString(bytes[good] & 0xff),
          e);
    }
  }

  private static int goodPrefix(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    StandardCharsets.UTF_8
        .newDecoder()
        .decode(in, java.nio.CharBuffer.allocate(bytes.length + 1), true);
    return Math.min(in.position(), bytes.length - 1);
  }
}
