package io.millrace.generator;

/// A Java expression over `version` and its opposite.
record Condition(String java, String negated) {
  static final Condition ALWAYS = new Condition("true", "false");
  static final Condition NEVER = new Condition("false", "true");

  boolean isAlways() {
    return equals(ALWAYS);
  }

  boolean isNever() {
    return equals(NEVER);
  }
}
