package io.sandbeam.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.startsWith;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.sandbeam.service.SandboxServiceProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What users get in the jar of tests works without the rest of ours. */
class TestJarTest {
  private static final Path TEST_CLASSES = Path.of("target", "test-classes");

  @Test
  void givenTheClassesInTheJar_thenTheyNeedTheJdkAndSandbeamOnly() {
    JavaClasses inTheJar =
        new ClassFileImporter()
            .withImportOption(location -> location.contains("/test-classes/"))
            .withImportOption(
                location -> !location.matches(java.util.regex.Pattern.compile(".*Test.*class")))
            .importPackages("io.sandbeam.testing");

    noClasses()
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "java..",
            "com.google.auto.service",
            "io.sandbeam.testing",
            "io.sandbeam.service",
            "io.sandbeam.sandbox")
        .because("a user's tests may have another framework, or none")
        .check(inTheJar);
  }

  @Test
  void givenTheProvidersInTheJar_thenTheyAreInIt() throws IOException {
    List<String> providers =
        Files.readAllLines(
            TEST_CLASSES.resolve("META-INF/services/" + SandboxServiceProvider.class.getName()));

    assertThat(providers, everyItem(startsWith("io.sandbeam.testing.")));
  }
}
