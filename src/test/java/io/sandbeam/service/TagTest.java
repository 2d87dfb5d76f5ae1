package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class TagTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "7", "sandbeam", "job.nightly-k3v9", "A_b.C-9", "..a", "--x", "_1"})
  void givenTextOfTheCharset_thenItIsATag(String text) {
    assertThat(Tag.of(text).value(), is(text));
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        " ", "a ", " a", "a b", "a.", "a-", "a_", "ü", "a/b", "a:b", "a,b", "a=b", "a\n", "a*", "-",
        "."
      })
  void givenTextOutsideTheCharset_thenRefusedWithTheValueAndTheRule(String text) {
    SandboxValidationException failure =
        assertThrows(SandboxValidationException.class, () -> Tag.of(text));

    assertThat(failure.violations().get(0).field(), is("tags"));
    assertThat(failure.getMessage(), containsString("59 characters"));
  }

  @Test
  void givenLength_thenFiftyNineIsTheMost() {
    assertThat(Tag.of("x".repeat(59)).value().length(), is(59));

    assertThrows(SandboxValidationException.class, () -> Tag.of("x".repeat(60)));
  }

  @Test
  void givenNamesThatFit_thenTheTagSaysThemWhole() {
    assertThat(Tag.job("nightly-k3v9x2qa").value(), is("job.nightly-k3v9x2qa"));
    assertThat(Tag.step("Grade").value(), is("step.Grade"));
    assertThat(Tag.worker("host-1.42").value(), is("worker.host-1.42"));
    assertThat(Tag.PRODUCT.value(), is("sandbeam"));
  }

  @Test
  void givenNamesThatOnlyDifferInWhatIsLost_thenTheirTagsDiffer() {
    List<String> names =
        List.of(
            "a b",
            "a/b",
            "a-b",
            "a  b",
            "a b ",
            "ab-",
            "ab_",
            "",
            " ",
            "x".repeat(60),
            "x".repeat(61));

    assertThat(new HashSet<>(names.stream().map(Tag::step).toList()).size(), is(names.size()));
  }

  @Test
  void givenLongNames_thenEachOfThousandsHasItsOwnTag() {
    String longName = "Read/ParDo(Anonymous)/Grade with a very long transform name, window ";

    Set<Tag> tags =
        new HashSet<>(IntStream.range(0, 20_000).mapToObj(i -> Tag.step(longName + i)).toList());

    assertThat(tags.size(), is(20_000));
  }

  @Test
  void givenAnyNames_thenTheirTagsAreValidAlwaysTheSameAndAsManyAsTheNames() {
    Random random = new Random(59);
    Set<String> names = new HashSet<>();
    for (int i = 0; i < 5000; i++) {
      names.add(Payloads.awkwardText(random, 70));
      names.add(
          "a name alike in its beginning and longer than a tag can be "
              + Payloads.awkwardText(random, 3));
    }

    for (String name : names) {
      Tag tag = Tag.step(name);
      assertThat(tag.value(), startsWith("step."));
      assertThat(tag.value().length(), is(lessThanOrEqualTo(59)));
      assertThat(Tag.step(name), is(tag));
    }
    assertThat(names.stream().map(Tag::step).distinct().count(), is((long) names.size()));
    assertThat(names.stream().map(Tag::worker).distinct().count(), is((long) names.size()));
  }

  @Test
  void givenOneName_whenUsedForJobStepAndWorker_thenThreeTags() {
    assertThat(Set.of(Tag.job("n"), Tag.step("n"), Tag.worker("n")).size(), is(3));
  }

  @Test
  void givenTexts_whenMadeASet_thenOrderIsKeptAndDuplicatesAreNot() {
    assertThat(Tag.setOf("b", "a", "b"), contains(Tag.of("b"), Tag.of("a")));
    assertThat(Tag.join(Tag.setOf("b", "a")), is("b,a"));
    assertThat(Tag.of("b"), is(greaterThan(Tag.of("a"))));
    assertThrows(UnsupportedOperationException.class, () -> Tag.setOf("a").add(Tag.of("b")));
  }
}
