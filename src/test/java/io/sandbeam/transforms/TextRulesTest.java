package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.util.SerializableUtils;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users write as text: templates, durations, shares of processors, options, job ids. */
class TextRulesTest {
  private static final Schema NESTED = Schema.builder().addStringField("city").build();
  private static final Schema SCHEMA =
      Schema.builder()
          .addStringField("name")
          .addInt64Field("n")
          .addByteArrayField("raw")
          .addRowField("home", NESTED)
          .addNullableField("maybe", Schema.FieldType.STRING)
          .addArrayField("list", Schema.FieldType.STRING)
          .build();

  private static Row row(String name) {
    return Row.withSchema(SCHEMA)
        .addValues(
            name,
            7L,
            new byte[] {1, (byte) 0xff},
            Row.withSchema(NESTED).addValue("Ulm").build(),
            null,
            List.of("a"))
        .build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{name}|x",
        "<{name}-{n}>|<x-7>",
        "${name}|${name}",
        "{other}|{other}",
        "{}|{}",
        "{ name }|{ name }",
        "{name|{name",
        "{{name}}|{x}",
        "f'{home.city}'|f'Ulm'",
        "{home.street}|{home.street}",
        "awk '{print $1}'|awk '{print $1}'",
      })
  void givenATemplate_thenOnlyFieldsAreReplaced(String template, String expected) {
    assertThat(Interpolation.compile(template, SCHEMA).apply(row("x")), is(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "$(reboot)", "{n}", "\"'; rm -rf /", "", "ä\u0000"})
  void givenAnyValue_thenItIsTakenAsItIsAndOnce(String value) {
    assertThat(Interpolation.compile("{name}", SCHEMA).apply(row(value)), is(value));
  }

  @Test
  void givenBytes_thenAloneTheyAreExactAndInsideATextTheyMustBeText() {
    assertThat(
        Interpolation.compile("{raw}", SCHEMA).applyBytes(row("x")),
        is(new byte[] {1, (byte) 0xff}));
    assertThrows(
        InvalidElementException.class,
        () -> Interpolation.compile("-{raw}", SCHEMA).apply(row("x")));
  }

  @Test
  void givenANullField_thenTheElementFailsAndNothingIsMadeUp() {
    InvalidElementException error =
        assertThrows(
            InvalidElementException.class,
            () -> Interpolation.compile("{maybe}", SCHEMA).apply(row("x")));
    assertThat(error.getMessage(), is("Field 'maybe' is null"));
  }

  @Test
  void givenAFieldWithoutATextForm_thenItIsRefusedAtConstruction() {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> Interpolation.compile("{list}", SCHEMA));
    assertThat(error.getMessage(), containsString("interpolate"));
  }

  @Test
  void givenAPath_thenNoValueLeadsOutOfItsFolder() {
    Interpolation path = Interpolation.compile("out/{name}.html", SCHEMA);
    assertThat(path.applyPath(row("a/b")), is("out/a/b.html"));
    assertThrows(InvalidElementException.class, () -> path.applyPath(row("../../etc/passwd")));
    assertThat(path.applyPath(row("a..b")), is("out/a..b.html"));
  }

  @ParameterizedTest
  @CsvSource({
    "out/.{name}, ./etc",
    "out/{name}{name}/x, .",
    "out/{name}./x, .",
    "out/{name}, ..",
    "'out\\.{name}', '.\\etc'",
  })
  void givenAPathWhoseTextAndValuesMakeDotsTogether_thenItIsRefusedToo(
      String template, String value) {
    Interpolation path = Interpolation.compile(template, SCHEMA);
    assertThrows(InvalidElementException.class, () -> path.applyPath(row(value)));
  }

  @Test
  void givenAPathThatClimbsByItself_thenThatIsTheUsersOwnWord() {
    Interpolation path = Interpolation.compile("../out/{name}", SCHEMA);
    assertThat(path.applyPath(row("a")), is("../out/a"));
  }

  @Test
  void givenAWordThatIsNearlyAField_thenItIsTold() {
    assertThat(Interpolation.compile("{nome}", SCHEMA).unknown(), is(Set.of("nome")));
    String message = RowPlanner.unknownMessage(Set.of("nome"), SCHEMA);
    assertThat(message, containsString("did you mean {name}?"));
    assertThat(message, containsString("home"));
  }

  @Test
  void givenRowsThatAreCommands_thenTheirFieldsWinOverTheStepsAndWrongTypesAreRefused() {
    Schema schema =
        Schema.builder()
            .addArrayField("command", Schema.FieldType.STRING)
            .addMapField("env", Schema.FieldType.STRING, Schema.FieldType.STRING)
            .addNullableField("timeout", Schema.FieldType.STRING)
            .build();
    CommandTemplate template =
        CommandTemplate.none().toBuilder().env(Map.of("A", "step", "B", "step")).build();
    RowPlanner planner = SerializableUtils.clone(RowPlanner.bind(template, schema));
    Command command =
        planner
            .plan(
                Row.withSchema(schema)
                    .addValues(List.of("echo", "{not}"), Map.of("A", "row"), "1m30s")
                    .build())
            .command();
    assertThat(command.getCommand(), is(List.of("echo", "{not}")));
    assertThat(command.getEnv(), is(Map.of("A", "row", "B", "step")));
    assertThat(command.getTimeout(), is("1m30s"));
    assertThrows(
        InvalidElementException.class,
        () ->
            planner.plan(Row.withSchema(schema).addValues(List.of("a"), Map.of(), "soon").build()));
    Schema wrong = Schema.builder().addStringField("command").build();
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class, () -> RowPlanner.bind(CommandTemplate.none(), wrong));
    assertThat(error.getMessage(), containsString("a list of strings"));
    error =
        assertThrows(
            IllegalArgumentException.class, () -> RowPlanner.bind(CommandTemplate.none(), SCHEMA));
    assertThat(error.getMessage(), containsString("no field 'command'"));
  }

  @ParameterizedTest
  @CsvSource({
    "500ms,500",
    "10s,10000",
    "1m30s,90000",
    "2h,7200000",
    "1d,86400000",
    "1h 5m,3900000"
  })
  void givenADuration_thenItIsReadAndWrittenBack(String text, long millis) {
    assertThat(Durations.parse("timeout", text), is(Duration.ofMillis(millis)));
    assertThat(
        Durations.parse("timeout", Durations.format(Duration.ofMillis(millis))),
        is(Duration.ofMillis(millis)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "10", "s", "-1s", "1.5s", "0s", "10 bananas", "99999999999999999999s"})
  void givenNoDuration_thenTheErrorHasTheValueAndTheRule(String text) {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> Durations.parse("timeout", text));
    assertThat(error.getMessage(), containsString("'" + text + "'"));
  }

  @Test
  void givenSharesOfProcessors_thenTheyAreThousandths() {
    assertThat(Cpu.parseMillis("0.5"), is(500));
    assertThat(Cpu.parseMillis("500m"), is(500));
    assertThat(Cpu.parseMillis("2"), is(2000));
    for (String bad : new String[] {"0", "x", "-1", "0.0001", ""}) {
      assertThrows(IllegalArgumentException.class, () -> Cpu.parseMillis(bad));
    }
  }

  @Test
  void givenAJobName_thenTheIdFitsIsUniqueAndIsFixedByTheFirstWhoReadsIt() {
    assertThat(JobId.mint("My Job_42"), matchesPattern("my-job-42-[a-z2-7]{8}"));
    assertThat(JobId.mint("x".repeat(200)), matchesPattern("x{31}-[a-z2-7]{8}"));
    assertThat(JobId.mint("---"), matchesPattern("job-[a-z2-7]{8}"));
    assertThat(JobId.mint("a"), is(not(JobId.mint("a"))));
    SandboxOptions options = PipelineOptionsFactory.create().as(SandboxOptions.class);
    assertThat(options.getJobId(), is(options.getJobId()));
    for (String bad : new String[] {"", "-a", "A", "a b", "x".repeat(41)}) {
      assertThrows(IllegalArgumentException.class, () -> JobId.require(bad));
    }
  }

  @Test
  void givenOptions_thenTheServiceHasItsAliases() {
    SandboxOptions options =
        PipelineOptionsFactory.fromArgs(
                "--service=docker", "--image=python:3.11=host", "--image=gcc=dir:/opt/gcc")
            .as(SandboxOptions.class);
    assertThat(
        SandboxOptions.serviceConfig(options),
        is(
            ServiceConfig.of("docker")
                .withImage("python:3.11", "host")
                .withImage("gcc", "dir:/opt/gcc")));
    options.setImage(List.of("python"));
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> SandboxOptions.serviceConfig(options));
    assertThat(error.getMessage(), containsString("--image=python:3.11=host"));
  }

  @Test
  void givenQuotas_thenTheyAreSettingsOfAnHttpServiceAndRefusedElsewhere() {
    String[] quotas = {"--service=https://sandboxes", "--maxSandboxes=40", "--createRate=0.5"};
    SandboxOptions options =
        PipelineOptionsFactory.fromArgs(quotas).withValidation().as(SandboxOptions.class);
    assertThat(
        SandboxOptions.serviceConfig(options),
        is(
            ServiceConfig.of("https://sandboxes")
                .withSetting("maxSandboxes", "40")
                .withSetting("createRate", "0.5")));
    options.setService("local");
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> SandboxOptions.serviceConfig(options));
    assertThat(
        error.getMessage(),
        containsString("--maxSandboxes=40: the service 'local' has no quotas; this is for"));
    options.setMaxSandboxes(null);
    error =
        assertThrows(IllegalArgumentException.class, () -> SandboxOptions.serviceConfig(options));
    assertThat(error.getMessage(), containsString("--createRate=0.5"));
  }

  @Test
  void givenAnOciRuntime_thenItIsASettingOfTheDockerServiceAndRefusedElsewhere() {
    SandboxOptions options =
        PipelineOptionsFactory.fromArgs("--service=docker", "--dockerRuntime=runsc")
            .withValidation()
            .as(SandboxOptions.class);
    assertThat(
        SandboxOptions.serviceConfig(options),
        is(ServiceConfig.of("docker").withSetting("runtime", "runsc")));
    options.setService("local");
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> SandboxOptions.serviceConfig(options));
    assertThat(
        error.getMessage(),
        containsString("--dockerRuntime=runsc: the service 'local' has no containers"));
  }

  @Test
  void givenAVariableWithABadName_thenTheStepIsRefusedWhenItIsBuilt() {
    Pipeline pipeline = Pipeline.create(FaultyPipelineTest.options("--service=local"));
    PCollection<Command> commands = pipeline.apply(Create.of(Command.of("true")));
    SandboxExec<Command, SandboxExec.Result> step = SandboxExec.commands().withEnv("A=B", "secret");
    SandboxValidationException failure =
        assertThrows(SandboxValidationException.class, () -> commands.apply("Run", step));
    assertThat(failure.getMessage(), containsString("'A=B'"));
    assertThat(failure.getMessage(), not(containsString("secret")));
  }

  @Test
  void givenALifetimeShorterThanACommandMayTake_thenItIsRefused() {
    SandboxExec<Row, SandboxExec.RowResult> exec =
        SandboxExec.of("echo")
            .withTimeout(Duration.ofMinutes(5))
            .withMaxLifetime(Duration.ofMinutes(5));
    Pipeline pipeline = Pipeline.create();
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> pipeline.apply(Create.of(row("x")).withRowSchema(SCHEMA)).apply("Run", exec));
    assertThat(error.getMessage(), containsString("at least 6m"));
  }
}
