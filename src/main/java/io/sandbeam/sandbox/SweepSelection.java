package io.sandbeam.sandbox;

import io.sandbeam.service.DryRun;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Which sandboxes a sweep is about, and whether it deletes them. */
record SweepSelection(
    Optional<Tag> job,
    Optional<Tag> step,
    Set<Tag> tags,
    Optional<Duration> olderThan,
    DryRun dryRun) {

  /** Too little for a sweep: it has to be told a job or a tag. */
  static final SweepSelection NOTHING =
      new SweepSelection(Optional.empty(), Optional.empty(), Set.of(), Optional.empty(), DryRun.NO);

  SweepSelection withJob(String jobId) {
    Tag tag = Tag.job(named("job", jobId));
    return new SweepSelection(Optional.of(tag), step, tags, olderThan, dryRun);
  }

  SweepSelection withStep(String name) {
    Tag tag = Tag.step(named("step", name));
    return new SweepSelection(job, Optional.of(tag), tags, olderThan, dryRun);
  }

  SweepSelection withTags(Collection<Tag> more) {
    Set<Tag> all = new LinkedHashSet<>(tags);
    all.addAll(more);
    return new SweepSelection(job, step, all, olderThan, dryRun);
  }

  SweepSelection withAge(Duration age) {
    return new SweepSelection(job, step, tags, Optional.of(age), dryRun);
  }

  SweepSelection withDryRun(DryRun dry) {
    return new SweepSelection(job, step, tags, olderThan, dry);
  }

  /** What a sandbox must show to be deleted. */
  Set<Tag> selector() {
    if (job.isEmpty() && tags.stream().allMatch(Tag.PRODUCT::equals)) {
      throw new SandboxValidationException(
          "job",
          step.isPresent()
              ? "A step alone selects steps of other jobs, too: say which job with --job=ID"
              : "A sweep needs to know what to delete: give --job=ID, or one or more --tag=TAG of your"
                  + " own; "
                  + Tag.PRODUCT
                  + " alone is on the sandboxes of every job, also of those that run");
    }
    Set<Tag> all = new LinkedHashSet<>();
    all.add(Tag.PRODUCT);
    job.ifPresent(all::add);
    step.ifPresent(all::add);
    all.addAll(tags);
    return all;
  }

  /** The job to be sealed: when all of it is swept, and really swept. */
  Optional<Tag> wholeJob() {
    boolean all =
        step.isEmpty() && olderThan.isEmpty() && tags.stream().allMatch(Tag.PRODUCT::equals);
    return all && dryRun == DryRun.NO ? job : Optional.empty();
  }

  /** A job called nothing, from a variable that was not set, would be found empty. */
  private static String named(String field, String name) {
    if (name == null || name.isBlank()) {
      throw new SandboxValidationException(
          field, "Invalid " + field + " '" + name + "': say which one is to be swept");
    }
    return name;
  }
}
