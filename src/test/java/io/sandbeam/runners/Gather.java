package io.sandbeam.runners;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.TreeMap;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PDone;

/**
 * Writes the elements of a small collection to one file when it is complete: what the runner has
 * committed, however often it ran it. Works where workers are in other JVMs, which PAssert's
 * counters do not on every runner.
 */
final class Gather extends PTransform<PCollection<String>, PDone> {
  private static final long serialVersionUID = 1;

  private final String file;

  private Gather(String file) {
    this.file = file;
  }

  static Gather into(Path file) {
    return new Gather(file.toString());
  }

  /** The elements that were gathered, sorted; none when the collection was empty. */
  static List<String> read(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  @Override
  public PDone expand(PCollection<String> input) {
    input
        .apply("InOneWindow", Window.into(new GlobalWindows()))
        .apply("UnderOneKey", WithKeys.of("all"))
        .apply("Group", GroupByKey.create())
        .apply("Write", ParDo.of(new WriteFn(file)));
    return PDone.in(input.getPipeline());
  }

  private static final class WriteFn extends DoFn<KV<String, Iterable<String>>, Void> {
    private static final long serialVersionUID = 1;

    private final String file;

    WriteFn(String file) {
      this.file = file;
    }

    @ProcessElement
    public void write(@Element KV<String, Iterable<String>> all) throws IOException {
      TreeMap<String, Integer> sorted = new TreeMap<>();
      all.getValue().forEach(line -> sorted.merge(line, 1, Integer::sum));
      StringBuilder text = new StringBuilder();
      sorted.forEach((line, times) -> text.append((line + "\n").repeat(times)));
      Path to = Path.of(file);
      Path whole = Files.createTempFile(to.getParent(), "gather", ".tmp");
      Files.writeString(whole, text);
      Files.move(whole, to, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
