package io.millrace.cli.log;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/// Writes `2026-11-22T16:35:01.123Z INFO LogDirectory: text`, in UTC, in one write per line. Line
/// breaks and other control characters in a text are escaped, so that what a client sent cannot
/// forge a line; a stack trace follows on lines of its own.
final class LineLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  private final Level threshold;
  private final String shortName;
  private final transient PrintStream target;

  LineLogger(String name, Level threshold, PrintStream target) {
    this.name = name;
    this.threshold = threshold;
    this.target = target;
    this.shortName = name.substring(name.lastIndexOf('.') + 1);
  }

  @Override
  public boolean isTraceEnabled() {
    return isEnabled(Level.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return isEnabled(Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return isEnabled(Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return isEnabled(Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return isEnabled(Level.ERROR);
  }

  private boolean isEnabled(Level level) {
    return level.toInt() >= threshold.toInt();
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      String pattern,
      Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    String text = MessageFormatter.basicArrayFormat(pattern, arguments);
    target.print(line(System.currentTimeMillis(), level, text == null ? "null" : text, thrown));
    target.flush();
  }

  String line(long wallMs, Level level, String text, @Nullable Throwable thrown) {
    StringBuilder line = new StringBuilder(text.length() + 64);
    appendTime(line, wallMs);
    line.append(' ').append(level.name()).append(level.name().length() == 4 ? "  " : " ");
    line.append(shortName).append(": ");
    appendEscaped(line, text);
    line.append('\n');
    if (thrown != null) {
      StringWriter trace = new StringWriter();
      thrown.printStackTrace(new PrintWriter(trace));
      line.append(trace);
    }
    return line.toString();
  }

  /// Without a formatter, which would cost more at the first line than the rest of this class.
  private static void appendTime(StringBuilder line, long wallMs) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(
            Math.floorDiv(wallMs, 1000L), Math.floorMod(wallMs, 1000) * 1_000_000, ZoneOffset.UTC);
    line.append(time.getYear());
    appendDigits(line.append('-'), time.getMonthValue(), 2);
    appendDigits(line.append('-'), time.getDayOfMonth(), 2);
    appendDigits(line.append('T'), time.getHour(), 2);
    appendDigits(line.append(':'), time.getMinute(), 2);
    appendDigits(line.append(':'), time.getSecond(), 2);
    appendDigits(line.append('.'), time.getNano() / 1_000_000, 3);
    line.append('Z');
  }

  private static void appendDigits(StringBuilder line, int value, int width) {
    String digits = Integer.toString(value);
    for (int i = digits.length(); i < width; i++) {
      line.append('0');
    }
    line.append(digits);
  }

  private static void appendEscaped(StringBuilder line, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append(c);
        default -> line.append(Character.isISOControl(c) ? '?' : c);
      }
    }
  }
}
