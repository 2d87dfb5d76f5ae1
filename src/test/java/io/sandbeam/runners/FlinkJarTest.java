package io.sandbeam.runners;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The jar that goes to a Flink cluster: all that a job needs there, nothing the cluster brings. */
class FlinkJarTest {
  private static JarFile jar;
  private static List<String> names;

  @BeforeAll
  static void open() throws Exception {
    jar = new JarFile(Scripts.setup("flink").split(File.pathSeparator, -1)[0]);
    names = jar.stream().map(JarEntry::getName).toList();
  }

  @AfterAll
  static void close() throws IOException {
    jar.close();
  }

  @Test
  void givenTheJar_thenWhatTheClusterBringsIsNotInIt() {
    assertThat(matching("org/apache/flink/.*|com/esotericsoftware/.*"), is(empty()));
    assertThat("SLF4J and its backends", matching("org/slf4j/.*|simplelogger.*"), is(empty()));
    assertThat("signatures of other jars", matching("META-INF/.*\\.(SF|DSA|RSA)"), is(empty()));
  }

  @Test
  void givenTheJar_thenTheHttpClientHasANameOfItsOwn() {
    assertThat(matching("(okhttp3|okio|kotlin|org/yaml)/.*"), is(empty()));
    assertThat(
        matching("io/sandbeam/relocated/(okhttp3|okio|kotlin)/.*").size(), is(greaterThan(100)));
  }

  @Test
  void givenTheJar_thenServicesOfAllItsPartsAreFound() throws IOException {
    assertThat(
        service("io.sandbeam.service.SandboxServiceProvider"),
        hasItems(
            "io.sandbeam.service.local.LocalServiceProvider",
            "io.sandbeam.service.http.HttpServiceProvider"));
    assertThat(
        service("org.apache.beam.sdk.options.PipelineOptionsRegistrar"),
        hasItems(
            "io.sandbeam.transforms.SandboxOptions$Registrar",
            "org.apache.beam.runners.flink.FlinkRunnerRegistrar$Options"));
  }

  private static List<String> matching(String pattern) {
    return names.stream().filter(name -> name.matches(pattern)).toList();
  }

  private static List<String> service(String type) throws IOException {
    JarEntry entry = jar.getJarEntry("META-INF/services/" + type);
    return new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .toList();
  }
}
