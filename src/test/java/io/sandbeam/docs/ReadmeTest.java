package io.sandbeam.docs;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;

import io.sandbeam.docs.Checkout.Ended;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's examples compile and run, and its tables name what there is. */
class ReadmeTest {
  private static final String EXEC = "beam:schematransform:org:sandbeam:exec:v1";

  @TempDir Path folder;

  @Test
  void givenTheJavaExamples_thenTheyCompile() throws IOException {
    List<String> examples = blocks("java");
    assertThat(examples, hasSize(3));
    for (String example : examples) {
      assertThat(example, errorsOf(example), is(""));
    }
  }

  @Test
  void givenTheExampleForTests_thenItDoesWhatItSays() throws Exception {
    String example =
        blocks("java", between(Checkout.text("README.md"), "### In your tests", "## No")).get(0);
    Matcher said = Pattern.compile("System.out.println\\((.*)\\); // (.*)").matcher(example);
    assertThat(said.find(), is(true));
    Path classes = Files.createDirectory(folder.resolve("classes"));

    assertThat(errorsOf(said.replaceFirst("args[0] = $1;"), classes), is(""));

    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
      Method method = loader.loadClass("Example").getDeclaredMethod("example", String[].class);
      method.setAccessible(true);
      String[] told = {""};
      method.invoke(null, (Object) told);
      assertThat(told[0], is(said.group(2)));
    }
  }

  @Test
  void givenTheYamlExample_thenItRuns() throws Exception {
    Checkout checkout = Checkout.in(folder);
    Files.writeString(folder.resolve("example.yaml"), blocks("yaml").get(0));

    Ended run = checkout.shell("./scripts/run example.yaml");

    assertThat(run.err(), run.status(), is(0));
    assertThat(
        String.join("\n", checkout.output("out/lengths")), containsString("\"stdout\":\"6\\n\""));
  }

  @Test
  void givenTheCommandsForTrouble_thenTheyAreUnderstood() throws Exception {
    Checkout checkout = Checkout.in(folder);
    List<String> lines =
        blocks("sh", between(Checkout.text("README.md"), "## When something is", "## Licence"))
            .stream()
            .flatMap(String::lines)
            .filter(line -> line.contains("./scripts/sandbeam") || line.contains("./scripts/sweep"))
            .toList();
    assertThat(lines, hasSize(5));
    for (String line : lines) {
      Ended ended = checkout.shell(line);
      assertThat(line + ": " + ended.err(), ended.status(), is(0));
    }
  }

  @Test
  void givenTheCommandsForServing_thenTheyWork() throws Exception {
    Checkout checkout = Checkout.in(folder);
    String section = between(Checkout.text("README.md"), "## Serving", "## Using CoreWeave");
    List<String> lines =
        blocks("sh", section).stream()
            .flatMap(String::lines)
            .map(line -> line.replaceFirst("\\s+#.*", ""))
            .toList();
    assertThat(lines, hasSize(7));
    Ended minted = checkout.shell(lines.get(0));
    assertThat(minted.err(), minted.status(), is(0));
    Server server = checkout.serve(lines.get(1) + " --port=0 --state=serve");
    try {
      String key = lines.get(2).replace("…", minted.out().strip());
      for (String line : lines.subList(3, 7)) {
        String here = line.replace("http://127.0.0.1:8080", server.address());
        Ended ended = checkout.shell(key + "; " + here);
        assertThat(here + ": " + ended.err(), ended.status(), is(0));
        assertThat("the address is replaced", here.equals(line), is(false));
      }
    } finally {
      assertThat(server.stop().err(), containsString("nothing is left"));
    }
  }

  @Test
  void givenTheLimitsOfAServer_thenTheyAreItsDefaults() throws Exception {
    String section = between(Checkout.text("README.md"), "| limits |", "| for people |");
    Ended help = Checkout.in(folder).shell("./scripts/sandbeam serve --help");
    String said = help.out().replaceAll("\\s+", " ");
    Matcher limit = Pattern.compile("`(--max-[a-z-]+)` \\(([0-9]+[hd]?)").matcher(section);
    int found = 0;
    while (limit.find()) {
      found++;
      assertThat(
          limit.group(),
          said,
          matchesPattern(
              ".* " + limit.group(1) + "=[^.]*\\. Default: " + limit.group(2) + "\\..*"));
    }
    assertThat(found, is(5));
  }

  @Test
  void givenTheReferenceOfSandboxExec_thenItNamesEveryKeyAndNoOther() throws IOException {
    SchemaTransformProvider exec =
        ServiceLoader.load(SchemaTransformProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(provider -> provider.identifier().equals(EXEC))
            .findFirst()
            .orElseThrow();
    String section = between(Checkout.text("README.md"), "### SandboxExec", "### Other transforms");
    Set<String> documented = new TreeSet<>();
    Matcher row = Pattern.compile("(?m)^\\| (`[^|]*`) \\|").matcher(section);
    while (row.find()) {
      Matcher key = Pattern.compile("`([a-z_]+)`").matcher(row.group(1));
      while (key.find()) {
        documented.add(key.group(1));
      }
    }
    assertThat(documented, is(new TreeSet<>(exec.configurationSchema().getFieldNames())));
  }

  @Test
  void givenThePipelinesThereAre_thenEachIsNamed() throws IOException {
    String readme = Checkout.text("README.md");
    try (var files = Files.list(Path.of("pipelines"))) {
      List<String> unnamed =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".yaml"))
              .filter(name -> !readme.contains("`" + name + "`"))
              .toList();
      assertThat(unnamed, is(empty()));
    }
  }

  private static String between(String text, String from, String to) {
    return text.substring(text.indexOf(from), text.indexOf(to));
  }

  private static List<String> blocks(String language) throws IOException {
    return blocks(language, Checkout.text("README.md"));
  }

  private static List<String> blocks(String language, String text) {
    List<String> blocks = new ArrayList<>();
    Matcher block = Pattern.compile("(?ms)^```" + language + "\n(.*?)^```$").matcher(text);
    while (block.find()) {
      blocks.add(block.group(1));
    }
    return blocks;
  }

  private static String errorsOf(String example) throws IOException {
    return errorsOf(example, Files.createTempDirectory("readme"));
  }

  private static String errorsOf(String example, Path classes) throws IOException {
    String source =
        """
        import io.sandbeam.sandbox.*;
        import io.sandbeam.service.*;
        import io.sandbeam.testing.*;
        import io.sandbeam.transforms.*;
        import java.time.Duration;
        import org.apache.beam.sdk.Pipeline;
        import org.apache.beam.sdk.options.PipelineOptionsFactory;
        import org.apache.beam.sdk.transforms.Create;
        import org.apache.beam.sdk.values.PCollection;

        class Example {
          static void example(String... args) throws Exception {
        %s
          }
        }
        """
            .formatted(example);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter errors = new StringWriter();
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    boolean compiled =
        compiler
            .getTask(
                errors,
                null,
                null,
                List.of(
                    "-proc:none",
                    "-d",
                    classes.toString(),
                    "-cp",
                    System.getProperty("java.class.path")),
                null,
                List.of(file))
            .call();
    return compiled ? "" : errors.toString().lines().collect(Collectors.joining("\n"));
  }
}
