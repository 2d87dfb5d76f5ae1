package io.sandbeam.service;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A label that a sandbox is born with and found by: 1 to 59 of {@code A-Z a-z 0-9 . _ -}, the last
 * one a letter or digit. Tags are compared whole, never by prefix.
 *
 * <p>The factories {@link #job}, {@link #step} and {@link #worker} are the one place where names of
 * any length and alphabet become tags: what does not fit is shortened and marked with a hash of the
 * whole name, so that two different names never share a tag.
 */
public record Tag(String value) implements Serializable, Comparable<Tag> {

  private static final int MAX_LENGTH = 59;
  private static final int HASH_LENGTH = 10;
  private static final String JOB = "job.";
  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9._-]*[A-Za-z0-9]");

  /** The tag of every sandbox that Sandbeam creates; below the rules, which it needs. */
  public static final Tag PRODUCT = new Tag("sandbeam");

  public Tag {
    if (value == null || value.length() > MAX_LENGTH || !VALID.matcher(value).matches()) {
      throw new SandboxValidationException(
          "tags",
          "Invalid tag "
              + Quoted.of(value)
              + ": a tag has 1 to 59 characters of A-Z a-z 0-9 . _ - and ends with a letter or digit");
    }
  }

  /** A tag with exactly this text. */
  public static Tag of(String value) {
    return new Tag(value);
  }

  /** Tags with exactly these texts, in this order, duplicates dropped; unmodifiable. */
  public static Set<Tag> setOf(String... values) {
    return Arrays.stream(values)
        .map(Tag::of)
        .collect(
            java.util.stream.Collectors.collectingAndThen(
                java.util.stream.Collectors.toCollection(LinkedHashSet::new),
                Collections::unmodifiableSet));
  }

  /** The texts of some tags, in their order. */
  public static String join(Collection<Tag> tags) {
    return String.join(",", tags.stream().map(Tag::value).toArray(String[]::new));
  }

  /** The tag of everything that belongs to one job. */
  public static Tag job(String jobId) {
    return named(JOB, jobId);
  }

  /** Whether it is the tag of everything that belongs to one job. */
  public boolean isJob() {
    return value.startsWith(JOB);
  }

  /** The tag of one step (transform) of a job. */
  public static Tag step(String name) {
    return named("step.", name);
  }

  /** The tag of one worker process. */
  public static Tag worker(String workerId) {
    return named("worker.", workerId);
  }

  private static Tag named(String prefix, String name) {
    if (VALID.matcher(name).matches() && prefix.length() + name.length() <= MAX_LENGTH) {
      return new Tag(prefix + name);
    }
    String readable = name.replaceAll("[^A-Za-z0-9._-]+", "-");
    int room = MAX_LENGTH - prefix.length() - HASH_LENGTH - 1;
    if (readable.length() > room) {
      readable = readable.substring(0, room);
    }
    return new Tag(prefix + readable + "-" + hash(name));
  }

  private static String hash(String name) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HASH_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public int compareTo(Tag other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
