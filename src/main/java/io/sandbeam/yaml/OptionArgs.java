package io.sandbeam.yaml;

import io.sandbeam.yaml.YamlNode.Scalar;
import io.sandbeam.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The {@code options:} of a file, as Beam in Java takes options: {@code num_workers: 3} becomes
 * {@code --numWorkers=3}, a list becomes one argument per item.
 */
final class OptionArgs {
  private static final Pattern SNAKE = Pattern.compile("_([a-z0-9])");
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");

  private OptionArgs() {}

  static List<String> of(YamlNode node) {
    List<String> args = new ArrayList<>();
    if (node == null) {
      return args;
    }
    Keys.mapping("'options'", node)
        .entries()
        .forEach(
            (key, entry) -> {
              if (Keys.isBeamMark(key)) {
                return;
              }
              if (!NAME.matcher(key).matches()) {
                throw entry
                    .key()
                    .error("option " + NearestName.quoted(key) + " is no option's name");
              }
              add(args, key, entry.value());
            });
    return List.copyOf(args);
  }

  private static void add(List<String> args, String key, YamlNode value) {
    String what = "option " + NearestName.quoted(key);
    if (value instanceof Sequence list) {
      list.items().forEach(item -> args.add(arg(key, Keys.text("each of " + what, item))));
    } else if (value instanceof Scalar scalar && scalar.meaning() == YamlNode.Meaning.BOOLEAN) {
      args.add(arg(key, Boolean.toString(Config.flag(what, value))));
    } else if (value instanceof Scalar scalar && scalar.meaning() == YamlNode.Meaning.NULL) {
      throw value.location().error(what + " has no value; leave the key out, or give it one");
    } else {
      args.add(arg(key, Keys.text(what, value)));
    }
  }

  private static String arg(String key, String value) {
    return "--"
        + SNAKE
            .matcher(key)
            .replaceAll((MatchResult match) -> match.group(1).toUpperCase(Locale.ROOT))
        + "="
        + value;
  }
}
