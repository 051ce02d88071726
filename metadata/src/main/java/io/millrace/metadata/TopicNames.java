package io.millrace.metadata;

import java.util.Optional;
import java.util.Set;

/// What a topic may be called. A name becomes the name of a directory, and part of names of metrics
/// in which '.' and '_' cannot be told apart.
public final class TopicNames {
  /// Leaves room in a file name of 255 bytes for the partition and the suffix of deleted
  /// directories.
  public static final int MAX_LENGTH = 249;

  /// The topic name under which the metadata log keeps its files.
  public static final String CLUSTER_METADATA = "__cluster_metadata";

  /// Topics that the brokers keep their own state in.
  private static final Set<String> INTERNAL =
      Set.of("__consumer_offsets", "__transaction_state", "__share_group_state");

  private TopicNames() {}

  /// Whether the brokers keep their own state in that topic.
  public static boolean isInternal(String name) {
    return INTERNAL.contains(name);
  }

  /// Why nothing may have this name, as a sentence; empty if it may.
  public static Optional<String> complaint(String name) {
    if (name.isEmpty()) {
      return Optional.of("A topic name must not be empty");
    }
    if (name.length() > MAX_LENGTH) {
      return Optional.of(
          "A topic name has at most %d characters, but this one has %d: '%s...'"
              .formatted(MAX_LENGTH, name.length(), printable(name.substring(0, 20))));
    }
    if (!name.chars().allMatch(TopicNames::isAllowed)) {
      return Optional.of(
          "'%s' is no topic name: only ASCII letters, digits, '.', '_' and '-' are allowed"
              .formatted(printable(name)));
    }
    if (name.equals(".") || name.equals("..")) {
      return Optional.of("A topic must not be called '.' or '..'");
    }
    return Optional.empty();
  }

  private static boolean isAllowed(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }

  private static String printable(String name) {
    StringBuilder text = new StringBuilder();
    name.chars().forEach(c -> text.append(c >= ' ' && c < 127 ? (char) c : '?'));
    return text.toString();
  }

  /// Whether two different names are the same once every '.' is a '_'.
  static boolean collide(String a, String b) {
    if (a.length() != b.length() || a.equals(b)) {
      return false;
    }
    for (int i = 0; i < a.length(); i++) {
      if (folded(a.charAt(i)) != folded(b.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /// Whether a name can collide with another at all.
  static boolean hasCollisionCharacter(String name) {
    return name.indexOf('.') >= 0 || name.indexOf('_') >= 0;
  }

  private static char folded(char c) {
    return c == '.' ? '_' : c;
  }
}
