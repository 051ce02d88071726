package io.millrace.metadata.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The type of a setting, as Kafka's `ConfigDef.Type`, with the id that DescribeConfigs carries.
public enum ConfigType {
  BOOLEAN(1, "true or false"),
  STRING(2, "a text"),
  INT(3, "a whole number of 32 bits"),
  SHORT(4, "a whole number of 16 bits"),
  LONG(5, "a whole number of 64 bits"),
  DOUBLE(6, "a number"),
  LIST(7, "a list separated by commas"),
  CLASS(8, "the name of a class"),
  PASSWORD(9, "a secret");

  private final byte id;
  private final String description;

  ConfigType(int id, String description) {
    this.id = (byte) id;
    this.description = description;
  }

  /// The id in field `ConfigType` of DescribeConfigs.
  public byte id() {
    return id;
  }

  /// What a value of this type is, in words.
  public String description() {
    return description;
  }

  /// Reads a value: a `Boolean`, `String`, `Integer`, `Short`, `Long`, `Double` or `List<String>`.
  /// Secrets and classes are strings; no class is ever loaded. Throws `IllegalArgumentException`
  /// for text that is no value of this type.
  Object parse(String text) {
    String trimmed = text.strip();
    return switch (this) {
      case BOOLEAN -> parseBoolean(trimmed);
      case STRING, CLASS -> trimmed;
      case PASSWORD -> text;
      case INT -> Integer.parseInt(trimmed);
      case SHORT -> Short.parseShort(trimmed);
      case LONG -> Long.parseLong(trimmed);
      case DOUBLE -> Double.parseDouble(trimmed);
      case LIST -> parseList(trimmed);
    };
  }

  private static boolean parseBoolean(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static List<String> parseList(String text) {
    if (text.isEmpty()) {
      return List.of();
    }
    List<String> elements = new ArrayList<>();
    for (String element : text.split(",", -1)) {
      elements.add(element.strip());
    }
    return List.copyOf(elements);
  }

  /// The text of a parsed value, as DescribeConfigs prints it.
  static String print(Object value) {
    if (value instanceof List<?> elements) {
      StringBuilder text = new StringBuilder();
      for (Object element : elements) {
        text.append(text.isEmpty() ? "" : ",").append(element);
      }
      return text.toString();
    }
    return value.toString();
  }
}
