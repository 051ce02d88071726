package io.millrace.generator;

/// Text on its way into Java source.
final class JavaText {
  private JavaText() {}

  /// `text` as a string literal.
  static String literal(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> out.append(c);
      }
    }
    return out.append('"').toString();
  }

  /// `text` from a schema so that it means nothing to the compiler or the documentation tool.
  static String doc(String text) {
    return text.replace("\\", "\\\\").replace("@", "&#64;");
  }

  /// `CreateTopics` as `CREATE_TOPICS`.
  static String constantName(String camelCase) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < camelCase.length(); i++) {
      char c = camelCase.charAt(i);
      if (i > 0 && Character.isUpperCase(c)) {
        out.append('_');
      }
      out.append(Character.toUpperCase(c));
    }
    return out.toString();
  }
}
