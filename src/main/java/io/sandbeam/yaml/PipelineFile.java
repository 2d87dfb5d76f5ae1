package io.sandbeam.yaml;

import io.sandbeam.yaml.YamlNode.Mapping;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.values.PCollectionRowTuple;

/**
 * A Beam YAML document that is ready to become transforms. Immutable.
 *
 * <pre>{@code
 * PipelineFile file = PipelineFile.read("pipelines/hello.yaml", Map.of("out", "/tmp/hello"));
 * Pipeline pipeline = Pipeline.create(PipelineOptionsFactory.fromArgs(file.options()...).create());
 * file.applyTo(pipeline);
 * }</pre>
 *
 * <p>What is read is YAML 1.1 in UTF-8, at most 1 MiB, one document, with the top-level keys {@code
 * pipeline}, {@code options} and {@code providers}. Before that, {@code {{ name }}} is replaced by
 * the variable's value. Whatever can be checked without data is checked by {@link #read}: types,
 * keys, values, references, circles, unread error outputs.
 */
public final class PipelineFile {
  private static final List<String> KEYS = List.of("pipeline", "options", "providers");

  private final String file;
  private final List<String> options;
  private final Composite pipeline;

  private PipelineFile(String file, List<String> options, Composite pipeline) {
    this.file = file;
    this.options = options;
    this.pipeline = pipeline;
  }

  /**
   * Reads a file.
   *
   * @param file a local path, or a URI of any file system that Beam knows here
   * @param variables values for {@code {{ name }}}
   * @throws PipelineFileException when it cannot be read or run as it is written
   */
  public static PipelineFile read(String file, Map<String, String> variables) {
    return parse(file, FileText.read(file), variables);
  }

  /** As {@link #read}, from a text; the file's name is for messages. */
  public static PipelineFile parse(String file, String text, Map<String, String> variables) {
    SourceText source = Template.fill(file, text, variables, FileText.MAX_BYTES);
    YamlNode root = YamlReader.read(source);
    Mapping document = Keys.mapping("a pipeline file", root);
    Keys.check("a pipeline file", document, KEYS);
    YamlNode pipeline = document.get("pipeline");
    if (pipeline == null) {
      throw document.location().error("the file has no 'pipeline:'");
    }
    TransformTypes types =
        new TransformTypes(
            new SchemaTransforms(), DeclaredProvider.read(document.get("providers")));
    return new PipelineFile(
        file,
        OptionArgs.of(document.get("options")),
        new Composite(StepParser.pipeline(pipeline), types));
  }

  /** The file as it was named. */
  public String file() {
    return file;
  }

  /** The document's {@code options:} as Beam takes them on a command line, {@code --name=value}. */
  public List<String> options() {
    return options;
  }

  /**
   * Adds the transforms to a pipeline. Sources whose rows have no fixed fields (JSON, CSV) read the
   * beginning of their files for that.
   *
   * @throws PipelineFileException when a file to be read is missing, or a step does not fit the
   *     rows it gets
   */
  public void applyTo(Pipeline target) {
    pipeline.expand(PCollectionRowTuple.empty(target));
  }
}
