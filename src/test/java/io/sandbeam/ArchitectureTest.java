package io.sandbeam;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The floors of the house, and the few habits that a compiler does not check. */
class ArchitectureTest {

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(location -> !location.contains("/test-classes/"))
          .importPackages("io.sandbeam");

  /** Every package that may hold classes; a new one takes its floor here first. */
  private static final Set<String> PACKAGES =
      Set.of("cli", "yaml", "transforms", "server", "sandbox", "service");

  /** The parts that services share, on a floor below theirs. */
  private static final String LEASED = "io.sandbeam.service.leased..";

  private static final DescribedPredicate<JavaClass> SERVICES =
      resideInAPackage("io.sandbeam.service.*..").and(not(resideInAPackage(LEASED)));

  @Test
  void everyPackageHasAFloor() {
    Set<String> homeless =
        MAIN.stream()
            .map(JavaClass::getPackageName)
            .filter(p -> !PACKAGES.contains(topPackage(p)))
            .collect(Collectors.toSet());
    assertEquals(Set.of(), homeless);
  }

  @Test
  void aPackageImportsOnlyFromFloorsBelow() {
    check(
        layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer("cli")
            .definedBy("io.sandbeam.cli..")
            .layer("yaml")
            .definedBy("io.sandbeam.yaml..")
            .layer("transforms")
            .definedBy("io.sandbeam.transforms..")
            .layer("server")
            .definedBy("io.sandbeam.server..")
            .layer("sandbox")
            .definedBy("io.sandbeam.sandbox..")
            .layer("services")
            .definedBy(SERVICES)
            .layer("leased")
            .definedBy(LEASED)
            .layer("contract")
            .definedBy("io.sandbeam.service")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("yaml")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("transforms")
            .mayOnlyBeAccessedByLayers("yaml", "cli")
            .whereLayer("server")
            .mayOnlyBeAccessedByLayers("yaml", "cli")
            .whereLayer("sandbox")
            .mayOnlyBeAccessedByLayers("server", "transforms", "yaml", "cli")
            .whereLayer("services")
            .mayOnlyBeAccessedByLayers("sandbox", "server", "transforms", "yaml", "cli")
            .whereLayer("leased")
            .mayOnlyBeAccessedByLayers("services"));
  }

  @Test
  void theContractStandsAlone() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.sandbeam.service")
            .should()
            .dependOnClassesThat(
                describe(
                    "other packages of Sandbeam",
                    c ->
                        c.getPackageName().startsWith("io.sandbeam")
                            && !c.getPackageName().equals("io.sandbeam.service"))));
  }

  @Test
  void servicesDoNotKnowOneAnother() {
    check(
        slices()
            .matching("io.sandbeam.service.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(SERVICES, resideInAPackage(LEASED)));
  }

  @Test
  void whatServicesShareHoldsNothingOfTheMachine() {
    check(
        noClasses()
            .that()
            .resideInAPackage(LEASED)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.net..", "java.nio.file..", "java.nio.channels..")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ProcessBuilder.class)
            .because("values and rules live there: no process, no file, no socket"));
  }

  @Test
  void theSdkIsUsableWithoutBeam() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage("io.sandbeam.sandbox..", "io.sandbeam.service..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.beam..")
            .because("sandboxes are usable without Beam"));
  }

  @Test
  void nobodySleeps() {
    check(
        noClasses()
            .should()
            .callMethodWhere(
                target(name("sleep"))
                    .and(target(owner(describe("Thread or TimeUnit", ArchitectureTest::canSleep)))))
            .because("a sleep is a guess: wait for a condition, or schedule"));
  }

  @Test
  void nothingStaysInASharedJvm() {
    check(
        noClasses()
            .should()
            .callMethodWhere(
                target(
                        owner(
                            describe(
                                "CompletableFuture",
                                c -> c.isEquivalentTo(CompletableFuture.class))))
                    .and(target(nameMatching("orTimeout|completeOnTimeout|delayedExecutor"))))
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ThreadLocal.class)
            .because(
                "the JDK's timer thread, and a value that stays with a runner's thread, outlive a"
                    + " job on a shared cluster and keep its class loader"));
  }

  @Test
  void loggingWorksWithWhatClustersHave() {
    check(
        noClasses()
            .should()
            .callMethodWhere(
                target(owner(describe("Logger", c -> c.isEquivalentTo(org.slf4j.Logger.class))))
                    .and(target(nameMatching("at[A-Z].*"))))
            .because("Flink brings SLF4J 1.7, which has no fluent calls, and its own comes first"));
  }

  @Test
  void onlyTheLauncherTalksToTheTerminal() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.sandbeam.cli..")
            .should(ACCESS_STANDARD_STREAMS)
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.util.logging..")
            .because("a library logs through SLF4J and leaves the terminal to its caller"));
  }

  @Test
  void namesSayWhatAClassIs() {
    check(
        noClasses()
            .should()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .because("such a name says nothing about what the class is for"));
  }

  private static boolean canSleep(JavaClass owner) {
    return owner.isAssignableTo(Thread.class) || owner.isEquivalentTo(TimeUnit.class);
  }

  private static String topPackage(String packageName) {
    String[] parts = packageName.split("\\.", -1);
    return parts.length < 3 ? packageName : parts[2];
  }

  /** A rule about a package that has no class yet holds. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(MAIN);
  }
}
