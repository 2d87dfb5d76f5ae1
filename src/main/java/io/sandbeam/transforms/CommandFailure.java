package io.sandbeam.transforms;

import com.google.auto.value.AutoValue;
import org.apache.beam.sdk.schemas.AutoValueSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldDescription;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldNumber;
import org.checkerframework.checker.nullness.qual.Nullable;

/**
 * A command that could not be run, with its element and the reason. A command that ran is never
 * here, whatever its exit code: it is a {@link CommandResult}. Immutable.
 */
@AutoValue
@DefaultSchema(AutoValueSchema.class)
public abstract class CommandFailure {

  /** Why a command was not run, or its outputs not kept. */
  public enum Reason {
    /** The element makes no command: a missing field, text that is not UTF-8, a bad duration. */
    INVALID_ELEMENT,
    /** The service refuses the request; asking again would not help. */
    REFUSED,
    /** The infrastructure failed in every attempt. */
    UNAVAILABLE,
    /** The job was swept meanwhile, so no sandbox is created for it any more; not tried again. */
    JOB_SEALED,
    /**
     * Far more of the worker's sandboxes are alive than its commands need, so it creates no more;
     * not tried again.
     */
    TOO_MANY_SANDBOXES
  }

  @SchemaFieldNumber("0")
  @SchemaFieldDescription("The input's id.")
  public abstract @Nullable String getId();

  @SchemaFieldNumber("1")
  @SchemaFieldName("reason")
  @SchemaFieldDescription(
      "INVALID_ELEMENT, REFUSED, UNAVAILABLE, JOB_SEALED or TOO_MANY_SANDBOXES.")
  abstract String getReasonName();

  @SchemaFieldNumber("2")
  @SchemaFieldDescription("What was wrong, for people.")
  public abstract String getMessage();

  @SchemaFieldNumber("3")
  @SchemaFieldDescription("How often it was tried; 0 for an element that makes no command.")
  public abstract int getAttempts();

  @SchemaFieldNumber("4")
  @SchemaFieldDescription("The worker that tried.")
  public abstract String getWorker();

  @SchemaFieldNumber("5")
  @SchemaFieldDescription("The whole input.")
  public abstract Command getElement();

  public Reason reason() {
    return Reason.valueOf(getReasonName());
  }

  @AutoValue.Builder
  abstract static class Builder {
    abstract Builder setId(@Nullable String id);

    abstract Builder setReasonName(String reason);

    abstract Builder setMessage(String message);

    abstract Builder setAttempts(int attempts);

    abstract Builder setWorker(String worker);

    abstract Builder setElement(Command element);

    abstract CommandFailure build();
  }
}
