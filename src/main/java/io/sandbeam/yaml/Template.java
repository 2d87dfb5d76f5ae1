package io.sandbeam.yaml;

import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills variables into the text of a file, before it is read as YAML: a name in double braces
 * becomes the value of that variable, as in Beam YAML's Jinja templates. Nothing else of Jinja is
 * known here, and everything else of it is refused rather than passed on. A quoted text in double
 * braces stands for itself, for files that need those characters.
 */
final class Template {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern QUOTED = Pattern.compile("'([^']*)'|\"([^\"]*)\"");

  private Template() {}

  static SourceText fill(
      String file, String written, Map<String, String> variables, int maxLength) {
    SourceText result = new SourceText(file, written);
    long length = 0;
    int done = 0;
    while (done < written.length()) {
      int brace = nextBrace(written, done);
      result.copy(done, brace);
      length += brace - done;
      if (brace == written.length()) {
        break;
      }
      refuseStatements(result, written, brace);
      int end = written.indexOf("}}", brace + 2);
      if (end < 0) {
        throw result.written(brace).error("'{{' opens a variable that no '}}' closes" + LITERAL);
      }
      String value = value(result, brace, written.substring(brace + 2, end), variables);
      length += value.length();
      if (length > maxLength) {
        throw result
            .written(brace)
            .error(
                "with its variables filled in, the file is larger than "
                    + maxLength
                    + " characters");
      }
      result.insert(brace, value);
      done = end + 2;
    }
    return result;
  }

  private static final String LITERAL =
      "; to keep the characters as they are, write them quoted: {{ '{{' }}";

  private static int nextBrace(String text, int from) {
    for (int i = from; i + 1 < text.length(); i++) {
      if (text.charAt(i) == '{') {
        char next = text.charAt(i + 1);
        if (next == '{' || next == '%' || next == '#') {
          return i;
        }
      }
    }
    return text.length();
  }

  private static void refuseStatements(SourceText source, String text, int brace) {
    char next = text.charAt(brace + 1);
    if (next == '{') {
      return;
    }
    String opens = "{" + next;
    throw source
        .written(brace)
        .error(
            NearestName.quoted(opens)
                + (next == '%' ? " opens a Jinja statement" : " opens a Jinja comment")
                + ", and only {{ name }} is supported; to keep the characters as they are, write them"
                + " quoted: {{ '"
                + opens
                + "' }}");
  }

  private static String value(
      SourceText source, int brace, String inside, Map<String, String> variables) {
    String expression = inside.strip();
    Matcher quoted = QUOTED.matcher(expression);
    if (quoted.matches()) {
      return quoted.group(1) != null ? quoted.group(1) : quoted.group(2);
    }
    if (!NAME.matcher(expression).matches()) {
      throw source
          .written(brace)
          .error(
              "{{"
                  + NearestName.quoted(inside).replaceAll("^'|'$", "")
                  + "}} is more than a variable's name: filters, attributes and expressions of Jinja"
                  + " are not supported, only {{ name }}");
    }
    String value = variables.get(expression);
    if (value == null) {
      throw source
          .written(brace)
          .error(
              "variable "
                  + NearestName.quoted(expression)
                  + " has no value"
                  + NearestName.hint(expression, variables.keySet())
                  + "; give it with --set "
                  + expression
                  + "=VALUE"
                  + (variables.isEmpty()
                      ? ""
                      : " (given: " + NearestName.list(new TreeSet<>(variables.keySet())) + ")")
                  + "; a field of a row has single braces: {"
                  + expression
                  + "}");
    }
    return value;
  }
}
