package io.sandbeam.transforms;

import java.io.Serializable;
import org.apache.beam.sdk.schemas.NoSuchSchemaException;
import org.apache.beam.sdk.schemas.SchemaRegistry;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.POutput;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.apache.beam.sdk.values.TypeDescriptors;

/** How a step looks from outside; inside it is rows. */
abstract class ExecFace<InputT, OutputT extends POutput> implements Serializable {
  private static final long serialVersionUID = 1;

  /** The elements as rows, by a step of this name. */
  abstract PCollection<Row> toRows(String name, PCollection<InputT> input);

  abstract OutputT output(ExecRows outcomes, FailureRoute route);

  static ExecFace<Row, SandboxExec.RowResult> rows() {
    return new Rows();
  }

  static ExecFace<Command, SandboxExec.Result> commands() {
    return new Commands();
  }

  private static final class Rows extends ExecFace<Row, SandboxExec.RowResult> {
    private static final long serialVersionUID = 1;

    @Override
    PCollection<Row> toRows(String name, PCollection<Row> input) {
      if (!input.hasSchema()) {
        throw new IllegalArgumentException(
            "Collection "
                + input.getName()
                + " has rows without a schema: call setRowSchema on it");
      }
      return input
          .apply(name, MapElements.into(TypeDescriptors.rows()).via(row -> row))
          .setRowSchema(input.getSchema());
    }

    @Override
    SandboxExec.RowResult output(ExecRows outcomes, FailureRoute route) {
      return new SandboxExec.RowResult(outcomes.results(), outcomes.failures(), route);
    }
  }

  private static final class Commands extends ExecFace<Command, SandboxExec.Result> {
    private static final long serialVersionUID = 1;

    @Override
    PCollection<Row> toRows(String name, PCollection<Command> input) {
      return input
          .apply(name, MapElements.into(TypeDescriptors.rows()).via(toRow(Command.class)))
          .setRowSchema(ResultRows.schemaOf(Command.class));
    }

    @Override
    SandboxExec.Result output(ExecRows outcomes, FailureRoute route) {
      return new SandboxExec.Result(
          outcomes.results().apply("Results", fromRows(CommandResult.class)),
          outcomes.failures().apply("Failures", fromRows(CommandFailure.class)),
          route);
    }

    private static <T> MapElements<Row, T> fromRows(Class<T> type) {
      return MapElements.into(TypeDescriptor.of(type)).via(fromRow(type));
    }

    private static <T> SerializableFunction<T, Row> toRow(Class<T> type) {
      try {
        return SchemaRegistry.createDefault().getToRowFunction(type);
      } catch (NoSuchSchemaException e) {
        throw new IllegalStateException("no schema for " + type, e);
      }
    }

    private static <T> SerializableFunction<Row, T> fromRow(Class<T> type) {
      try {
        return SchemaRegistry.createDefault().getFromRowFunction(type);
      } catch (NoSuchSchemaException e) {
        throw new IllegalStateException("no schema for " + type, e);
      }
    }
  }
}
