package io.millrace.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

final class LineLoggerTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final LineLogger logger =
      new LineLogger(
          "io.millrace.Some", Level.INFO, new PrintStream(written, true, StandardCharsets.UTF_8));

  @Test
  void aFactIsALineWithItsTimeInUtc() {
    assertThat(logger.line(1_795_365_301_123L, Level.WARN, "text", null))
        .isEqualTo("2026-11-22T16:35:01.123Z WARN  Some: text\n");
    assertThat(logger.line(5, Level.ERROR, "text", null))
        .isEqualTo("1970-01-01T00:00:00.005Z ERROR Some: text\n");
  }

  @Test
  void argumentsGoIntoTheText() {
    logger.info("a {} c {}", "b", 4);
    assertThat(written.toString(StandardCharsets.UTF_8)).endsWith("Z INFO  Some: a b c 4\n");
  }

  @Test
  void whatIsBelowTheThresholdIsNotWritten() {
    logger.debug("quiet");
    assertThat(written.size()).isZero();
    assertThat(logger.isDebugEnabled()).isFalse();
    assertThat(logger.isWarnEnabled()).isTrue();
  }

  @Test
  void aTextCannotForgeALine() {
    logger.info("topic {}", "a\n1970 ERROR forged\r\u001b[2J");
    assertThat(written.toString(StandardCharsets.UTF_8))
        .endsWith("topic a\\n1970 ERROR forged\\r?[2J\n");
  }

  @Test
  void anExceptionFollowsWithItsTrace() {
    logger.error("it failed", new IllegalStateException("why"));
    assertThat(written.toString(StandardCharsets.UTF_8))
        .contains("ERROR Some: it failed\njava.lang.IllegalStateException: why\n\tat ");
  }

  @Test
  void theThresholdIsNamedInAnyCase() {
    assertThat(LineLogging.threshold("Debug")).isEqualTo(Level.DEBUG);
    assertThat(LineLogging.threshold(null)).isEqualTo(Level.INFO);
    assertThat(LineLogging.threshold("loud")).isEqualTo(Level.INFO);
  }
}
