package io.sandbeam.docs;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of faults in CONTRIBUTING.md names tests that exist. */
class FaultTableTest {

  @Test
  void givenTheTable_thenEveryTestItNamesExists() throws IOException {
    Map<String, String> sources = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith("Test.java")).toList()) {
        sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
      }
    }
    Matcher named =
        Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`")
            .matcher(faults(Checkout.text("CONTRIBUTING.md")));
    List<String> missing = new ArrayList<>();
    int found = 0;
    while (named.find()) {
      String source = sources.get(named.group(1));
      boolean exists =
          source != null && (named.group(2) == null || source.contains(named.group(2) + "("));
      if (exists) {
        found++;
      } else {
        missing.add(named.group());
      }
    }
    assertThat(missing, is(empty()));
    assertThat(found, is(greaterThan(20)));
  }

  @Test
  void givenTheTable_thenItHasARowForEachFault() throws IOException {
    String table = faults(Checkout.text("CONTRIBUTING.md"));

    List<String> rows =
        Pattern.compile("(?m)^\\| (S\\d+) \\|")
            .matcher(table)
            .results()
            .map(r -> r.group(1))
            .toList();

    assertThat(rows, is(IntStream.rangeClosed(1, 27).mapToObj(i -> "S" + i).toList()));
  }

  private static String faults(String text) {
    return text.substring(text.indexOf("| S1 |"), text.indexOf("## Style"));
  }
}
