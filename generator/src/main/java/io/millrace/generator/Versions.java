package io.millrace.generator;

/// A range of versions, both ends included, as the schemas write it: `none`, `3`, `0-4` or `9+`.
record Versions(int lowest, int highest) {
  private static final int OPEN_END = Short.MAX_VALUE;
  static final Versions NONE = new Versions(0, -1);

  static Versions parse(String text) {
    try {
      if (text.equals("none")) {
        return NONE;
      }
      if (text.endsWith("+")) {
        return new Versions(Integer.parseInt(text.substring(0, text.length() - 1)), OPEN_END);
      }
      int dash = text.indexOf('-');
      if (dash < 0) {
        return new Versions(Integer.parseInt(text), Integer.parseInt(text));
      }
      return new Versions(
          Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
    } catch (NumberFormatException e) {
      throw new InvalidSchemaException("'" + text + "' is no range of versions: 0, 0-3, 3+, none");
    }
  }

  boolean isEmpty() {
    return highest < lowest;
  }

  Versions intersect(Versions other) {
    Versions both = new Versions(Math.max(lowest, other.lowest), Math.min(highest, other.highest));
    return both.isEmpty() ? NONE : both;
  }

  /// This range without `other`, which must leave one range: what is in the middle cannot be cut.
  Versions without(Versions other) {
    Versions cut = intersect(other);
    if (cut.isEmpty()) {
      return this;
    }
    if (cut.lowest > lowest && cut.highest < highest) {
      throw new InvalidSchemaException(this + " without " + other + " is not one range");
    }
    Versions rest =
        cut.lowest > lowest
            ? new Versions(lowest, cut.lowest - 1)
            : new Versions(cut.highest + 1, highest);
    return rest.isEmpty() ? NONE : rest;
  }

  /// The Java condition for "`version` is in this range", knowing that it is in `possible`.
  Condition within(Versions possible) {
    if (intersect(possible).isEmpty()) {
      return Condition.NEVER;
    }
    boolean fromBelow = lowest > possible.lowest;
    boolean toAbove = highest < possible.highest;
    if (fromBelow && toAbove) {
      return lowest == highest
          ? new Condition("version == " + lowest, "version != " + lowest)
          : new Condition(
              "version >= " + lowest + " && version <= " + highest,
              "(version < " + lowest + " || version > " + highest + ")");
    }
    if (fromBelow) {
      return new Condition("version >= " + lowest, "version < " + lowest);
    }
    if (toAbove) {
      return new Condition("version <= " + highest, "version > " + highest);
    }
    return Condition.ALWAYS;
  }

  @Override
  public String toString() {
    if (isEmpty()) {
      return "none";
    }
    if (highest == OPEN_END) {
      return lowest + "+";
    }
    return lowest == highest ? Integer.toString(lowest) : lowest + "-" + highest;
  }
}
