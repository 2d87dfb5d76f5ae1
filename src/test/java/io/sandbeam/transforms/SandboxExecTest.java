package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;

/** What a step does when all goes well. */
class SandboxExecTest extends FaultyPipelineTest {

  @Test
  void givenCommands_thenEachHasAResult() {
    Pipeline pipeline = pipeline();
    List<Command> commands =
        IntStream.range(0, 50)
            .mapToObj(i -> Command.of("echo", "word-" + i).withId("id-" + i))
            .collect(Collectors.toList());

    SandboxExec.Result result =
        pipeline.apply(Create.of(commands)).apply("Grade", SandboxExec.commands());

    PCollection<String> seen =
        result
            .results()
            .apply(
                MapElements.into(TypeDescriptors.strings())
                    .via(
                        r ->
                            r.getId()
                                + " "
                                + r.status()
                                + " "
                                + r.stdoutUtf8().strip()
                                + " "
                                + r.getElement().getCommand()));
    PAssert.that(seen)
        .containsInAnyOrder(
            IntStream.range(0, 50)
                .mapToObj(i -> "id-" + i + " SUCCEEDED word-" + i + " [echo, word-" + i + "]")
                .collect(Collectors.toList()));
    JobResult end = SandboxJob.run(pipeline).orThrow();
    assertThat(end.exitCode(), is(0));
    assertThat(end.account().get().done(), is(50L));
    assertThat(end.account().get().created(), is(50L));
    assertThat(end.account().get().closed(), is(50L));
  }

  @Test
  void givenRows_thenFieldsAreInterpolatedAndTheRowComesBack() {
    Schema schema = Schema.builder().addStringField("name").addInt32Field("n").build();
    Pipeline pipeline = pipeline();
    PCollection<Row> rows =
        pipeline.apply(
            Create.of(Row.withSchema(schema).addValues("a b; rm -rf /", 7).build())
                .withRowSchema(schema));

    SandboxExec.RowResult result =
        rows.apply("Say", SandboxExec.of("echo", "{name}-{n}-{other}-${n}"));

    PAssert.that(result.results())
        .satisfies(
            all -> {
              Row row = all.iterator().next();
              assertThat(
                  row.getArray("command"), is(List.of("echo", "a b; rm -rf /-7-{other}-${n}")));
              assertThat(row.getRow("element").getString("name"), is("a b; rm -rf /"));
              return null;
            });
    assertThat(pipeline.run().waitUntilFinish(), is(PipelineResult.State.DONE));
  }
}
