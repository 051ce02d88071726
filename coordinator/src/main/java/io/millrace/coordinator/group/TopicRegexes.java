package io.millrace.coordinator.group;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.millrace.coordinator.group.record.ConsumerGroupRegularExpressionValue;
import io.millrace.metadata.ClusterImage;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Finds the topics that regular expressions of clients stand for, and keeps that up to date. The
/// expressions are RE2's and are matched in time linear to the names, whatever a client sends.
final class TopicRegexes {
  /// New topics are looked at no more often than that.
  private static final long MIN_REFRESH_MS = 10_000;

  /// Of an expression, with its repetitions written out: nested ones make much of few characters.
  private static final long MAX_SIZE = 100_000;

  private static final Pattern REPETITION = Pattern.compile("\\{(\\d+)(?:,(\\d*))?\\}");

  private final ConsumerGroups groups;

  TopicRegexes(ConsumerGroups groups) {
    this.groups = groups;
  }

  /// Why the expression cannot be used; null if it can.
  static @Nullable String check(String regex) {
    if (size(regex) > MAX_SIZE) {
      return String.format(
          "SubscribedTopicRegex is too large: %d characters, or its repetitions are too many.",
          regex.length());
    }
    try {
      Pattern.compile(regex);
      return null;
    } catch (PatternSyntaxException e) {
      return String.format(
          "SubscribedTopicRegex `%s` is not a valid regular expression: %s.",
          regex, e.getDescription());
    }
  }

  /// At least what the expression has with its repetitions written out, as far as that is within
  /// the limit.
  private static long size(String regex) {
    long size = regex.length();
    Matcher repetitions = REPETITION.matcher(regex);
    while (repetitions.find() && size <= MAX_SIZE) {
      size *= Math.max(1, Math.max(count(repetitions.group(1)), count(repetitions.group(2))));
    }
    return size;
  }

  private static long count(@Nullable String digits) {
    if (digits == null || digits.isEmpty()) {
      return 1;
    }
    return digits.length() > 6 ? MAX_SIZE : Long.parseLong(digits);
  }

  /// Follows a member that may have changed its expression, which is valid and already in the
  /// draft. Returns whether topics may have come or gone for a member.
  boolean update(GroupDraft draft, String before, String after, long wallMs) {
    String groupId = draft.group().id();
    boolean isChanged = !before.equals(after);
    if (isChanged) {
      if (draft.group().regexes().containsKey(before) && draft.group().subscribersOf(before) == 0) {
        draft.write(ConsumerRecords.noRegex(groupId, before));
      }
      if (!after.isEmpty() && !draft.group().regexes().containsKey(after)) {
        draft.write(ConsumerRecords.regex(groupId, after, resolve(after, wallMs)));
      }
    }
    return refresh(draft, wallMs) || isChanged;
  }

  /// Resolves all expressions of the group anew if there are new topics, or after a long time.
  private boolean refresh(GroupDraft draft, long wallMs) {
    if (draft.group().regexes().isEmpty() || !isDue(draft.group(), wallMs)) {
      return false;
    }
    boolean isChanged = false;
    for (String regex : List.copyOf(draft.group().regexes().keySet())) {
      ConsumerGroupRegularExpressionValue before = draft.group().regexes().get(regex);
      ConsumerGroupRegularExpressionValue after = resolve(regex, wallMs);
      isChanged =
          isChanged
              || before == null
              || !new TreeSet<>(before.topics()).equals(new TreeSet<>(after.topics()));
      draft.write(ConsumerRecords.regex(draft.group().id(), regex, after));
    }
    return isChanged;
  }

  private boolean isDue(ConsumerGroup group, long wallMs) {
    long resolvedMs = 0;
    long version = Long.MAX_VALUE;
    for (ConsumerGroupRegularExpressionValue regex : group.regexes().values()) {
      resolvedMs = Math.max(resolvedMs, regex.timestamp());
      version = Math.min(version, regex.version());
    }
    long sinceMs = wallMs - resolvedMs;
    return (version < groups.newTopicsOffset() && (sinceMs > MIN_REFRESH_MS || sinceMs < 0))
        || sinceMs
            > groups.machine.settings.broker().intValue("group.consumer.regex.refresh.interval.ms");
  }

  /// The topics whose whole names match.
  private ConsumerGroupRegularExpressionValue resolve(String regex, long wallMs) {
    ClusterImage image = groups.image();
    Pattern pattern = Pattern.compile(regex);
    List<String> topics = new ArrayList<>();
    for (String name : image.topics().keySet()) {
      if (pattern.matches(name)) {
        topics.add(name);
      }
    }
    return ConsumerGroupRegularExpressionValue.builder()
        .topics(topics)
        .version(image.offset())
        .timestamp(wallMs)
        .build();
  }
}
