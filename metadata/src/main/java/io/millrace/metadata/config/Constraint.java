package io.millrace.metadata.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/// Which values of its type a setting takes. In the tables it is written `any`, `>= 1`, `1..9`,
/// `1..9 or -1`, `of a, b` (of a list: of its elements), `some of a, b` (a list that is not empty),
/// `any case of a, b`, `not empty`, `unique` (a list without duplicates), `throttled replicas` or
/// `offset reset`.
sealed interface Constraint {

  /// Why a parsed value is not allowed, as the end of a sentence that names it; empty if it is.
  Optional<String> complaint(Object value);

  static Constraint parse(String text) {
    if (text.startsWith(">= ")) {
      return new Range(
          Double.parseDouble(text.substring(3)),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          text.substring(3),
          "");
    }
    if (text.startsWith("of ")) {
      return new OneOf(List.of(text.substring(3).split(", ", -1)), false);
    }
    if (text.startsWith("some of ")) {
      return new SomeOf(List.of(text.substring(8).split(", ", -1)));
    }
    if (text.startsWith("any case of ")) {
      return new OneOf(List.of(text.substring(12).split(", ", -1)), true);
    }
    return switch (text) {
      case "any" -> new Anything();
      case "not empty" -> new NotEmpty();
      case "unique" -> new Unique();
      case "unique, not empty" -> new UniqueNotEmpty();
      case "throttled replicas" -> new ThrottledReplicas();
      case "offset reset" -> new OffsetReset();
      default -> parseRange(text);
    };
  }

  private static Constraint parseRange(String text) {
    List<String> parts = Arrays.asList(text.split("\\.\\.| or ", -1));
    if (parts.size() < 2) {
      throw new IllegalArgumentException("'" + text + "' is no constraint");
    }
    OptionalDouble exception =
        parts.size() > 2
            ? OptionalDouble.of(Double.parseDouble(parts.get(2)))
            : OptionalDouble.empty();
    return new Range(
        Double.parseDouble(parts.get(0)),
        OptionalDouble.of(Double.parseDouble(parts.get(1))),
        exception,
        parts.get(0),
        text.substring(parts.get(0).length() + 2));
  }

  /// Whatever the type allows.
  record Anything() implements Constraint {
    @Override
    public Optional<String> complaint(Object value) {
      return Optional.empty();
    }
  }

  /// A number between two bounds, or an exceptional one. Every bound in the tables is a whole
  /// number below 2^53 or a short fraction, so that comparing as doubles is exact.
  record Range(
      double lowest,
      OptionalDouble highest,
      OptionalDouble exception,
      String lowestText,
      String rest)
      implements Constraint {
    @Override
    public Optional<String> complaint(Object value) {
      double number = ((Number) value).doubleValue();
      boolean allowed =
          (number >= lowest && (highest.isEmpty() || number <= highest.getAsDouble()))
              || (exception.isPresent() && number == exception.getAsDouble());
      if (allowed) {
        return Optional.empty();
      }
      return Optional.of(
          highest.isEmpty()
              ? "must be at least " + lowestText
              : "must be from " + lowestText + " to " + rest);
    }
  }

  /// One of some words; a list of them without duplicates.
  record OneOf(List<String> words, boolean anyCase) implements Constraint {
    @Override
    public Optional<String> complaint(Object value) {
      if (value instanceof List<?> elements) {
        return elements.stream().allMatch(words::contains)
            ? new Unique().complaint(value)
            : Optional.of("may only have elements of " + String.join(", ", words));
      }
      String word = value.toString();
      boolean allowed =
          anyCase ? words.contains(word.toUpperCase(Locale.ROOT)) : words.contains(word);
      return allowed ? Optional.empty() : Optional.of("must be one of " + String.join(", ", words));
    }
  }

  /// A list of some words, not empty and without duplicates.
  record SomeOf(List<String> words) implements Constraint {
    @Override
    public Optional<String> complaint(Object value) {
      return new NotEmpty().complaint(value).or(() -> new OneOf(words, false).complaint(value));
    }
  }

  /// Anything but the empty text or list.
  record NotEmpty() implements Constraint {
    @Override
    public Optional<String> complaint(Object value) {
      boolean isEmpty = value instanceof List<?> list ? list.isEmpty() : value.equals("");
      return isEmpty ? Optional.of("must not be empty") : Optional.empty();
    }
  }

  /// A list without duplicates and without empty elements.
  record Unique() implements Constraint {
    @Override
    public Optional<String> complaint(Object value) {
      List<?> elements = (List<?>) value;
      if (elements.contains("")) {
        return Optional.of("must not have empty elements");
      }
      return new HashSet<>(elements).size() == elements.size()
          ? Optional.empty()
          : Optional.of("must not have an element twice");
    }
  }

  /// A list that is [Unique] and has an element.
  record UniqueNotEmpty() implements Constraint {
    @Override
    public Optional<String> complaint(Object value) {
      return new NotEmpty().complaint(value).or(() -> new Unique().complaint(value));
    }
  }

  /// `*`, or pairs `partition:broker`.
  record ThrottledReplicas() implements Constraint {
    private static final Pattern PAIR = Pattern.compile("\\d+:\\d+");

    @Override
    public Optional<String> complaint(Object value) {
      List<?> elements = (List<?>) value;
      boolean allowed =
          elements.equals(List.of("*"))
              || elements.stream().allMatch(each -> PAIR.matcher(each.toString()).matches());
      return allowed
          ? Optional.empty()
          : Optional.of("must be '*' or a list of partition:broker pairs such as 0:1,1:2");
    }
  }

  /// `latest`, `earliest` or `by_duration:` and an ISO-8601 duration that is not negative.
  record OffsetReset() implements Constraint {
    private static final String BY_DURATION = "by_duration:";

    @Override
    public Optional<String> complaint(Object value) {
      String text = value.toString().toLowerCase(Locale.ROOT);
      if (text.equals("latest") || text.equals("earliest")) {
        return Optional.empty();
      }
      if (text.startsWith(BY_DURATION)) {
        try {
          if (!Duration.parse(text.substring(BY_DURATION.length())).isNegative()) {
            return Optional.empty();
          }
        } catch (DateTimeParseException e) {
          return complaintAboutAll();
        }
      }
      return complaintAboutAll();
    }

    private static Optional<String> complaintAboutAll() {
      return Optional.of("must be latest, earliest or by_duration:PnDTnHnMn.nS");
    }
  }
}
