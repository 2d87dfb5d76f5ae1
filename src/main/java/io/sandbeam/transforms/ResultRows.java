package io.sandbeam.transforms;

import io.sandbeam.service.ExecResult;
import java.io.Serializable;
import org.apache.beam.sdk.schemas.NoSuchSchemaException;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.SchemaRegistry;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;

/**
 * Outcomes as rows: the fields of {@link CommandResult} and {@link CommandFailure}, the element
 * last.
 */
final class ResultRows implements Serializable {
  private static final long serialVersionUID = 1;
  private static final String ELEMENT = "element";

  private final Schema results;
  private final Schema failures;

  ResultRows(Schema element) {
    results = withElement(schemaOf(CommandResult.class), element);
    failures = withElement(schemaOf(CommandFailure.class), element);
  }

  Schema results() {
    return results;
  }

  Schema failures() {
    return failures;
  }

  Row result(Row element, Outcome.Ran ran) {
    ExecResult result = ran.result();
    return Row.withSchema(results)
        .addValues(
            ran.plan().command().getId(),
            ran.plan().command().getCommand(),
            CommandStatus.of(result).name(),
            result.exitCode(),
            result.stdout(),
            result.stderr(),
            result.stdoutTruncated(),
            result.stderrTruncated(),
            result.stdoutBytesProduced(),
            result.stderrBytesProduced(),
            Instant.ofEpochMilli(result.startedAt().toEpochMilli()),
            result.duration().toMillis(),
            ran.sandboxId(),
            WorkerId.ofThisJvm(),
            ran.attempts(),
            ran.outputs().written(),
            ran.outputs().missing(),
            element)
        .build();
  }

  Row failure(Row element, Outcome.NotRun notRun) {
    return Row.withSchema(failures)
        .addValues(
            notRun.id(),
            notRun.reason().name(),
            notRun.message(),
            notRun.attempts(),
            WorkerId.ofThisJvm(),
            element)
        .build();
  }

  static Schema schemaOf(Class<?> type) {
    try {
      return SchemaRegistry.createDefault().getSchema(type);
    } catch (NoSuchSchemaException e) {
      throw new IllegalStateException("no schema for " + type, e);
    }
  }

  private static Schema withElement(Schema base, Schema element) {
    Schema.Builder schema = Schema.builder();
    for (Schema.Field field : base.getFields()) {
      schema.addField(
          field.getName().equals(ELEMENT) ? field.withType(Schema.FieldType.row(element)) : field);
    }
    return schema.build();
  }
}
