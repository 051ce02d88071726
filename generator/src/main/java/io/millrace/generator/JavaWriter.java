package io.millrace.generator;

/// Collects lines of Java source, indented by the blocks that are open.
final class JavaWriter {
  private static final int LINE_WIDTH = 100;

  private final StringBuilder out = new StringBuilder();
  private int depth;

  /// One line, or nothing but its end.
  JavaWriter line(String text) {
    if (!text.isEmpty()) {
      out.append("  ".repeat(depth)).append(text);
    }
    out.append('\n');
    return this;
  }

  JavaWriter blank() {
    return line("");
  }

  /// A line that opens a block: ` {` is added.
  JavaWriter open(String text) {
    line(text.isEmpty() ? "{" : text + " {");
    depth++;
    return this;
  }

  JavaWriter close() {
    return close("");
  }

  /// The end of a block, and what follows the brace.
  JavaWriter close(String rest) {
    depth--;
    return line("}" + rest);
  }

  /// The end of a block and the head of one that follows it, as in `} else {`.
  JavaWriter closeAndOpen(String text) {
    depth--;
    line("} " + text + " {");
    depth++;
    return this;
  }

  JavaWriter indent() {
    depth++;
    return this;
  }

  JavaWriter outdent() {
    depth--;
    return this;
  }

  /// A documentation comment of one paragraph, wrapped. `hanging` is put before all lines but the
  /// first.
  JavaWriter doc(String text, String hanging) {
    int width = LINE_WIDTH - 2 * depth - "/// ".length();
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split("\\s+", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        line("/// " + line);
        line.setLength(0);
        line.append(hanging).append(word);
      } else {
        line.append(line.isEmpty() ? "" : " ").append(word);
      }
    }
    return line(("/// " + line).stripTrailing());
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
