package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.config.InvalidConfigException;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import org.junit.jupiter.api.Test;

final class StartFailureTest {
  @Test
  void mistakesAreOneLineHoweverDeepTheyAreWrapped() {
    assertThat(StartFailure.explain(new InvalidConfigException("a: 'b' is bad (--set)")))
        .contains("a: 'b' is bad (--set)");
    assertThat(
            StartFailure.explain(new IOException("outer", new BindException("127.0.0.1:1: taken"))))
        .hasValueSatisfying(line -> assertThat(line).startsWith("cannot listen on 127.0.0.1:1:"));
    assertThat(StartFailure.explain(new AccessDeniedException("/srv/data")))
        .contains("/srv/data: permission denied. Choose another with --data");
    assertThat(StartFailure.explain(new FileAlreadyExistsException("/srv/data")))
        .contains("/srv/data: is a file, not a directory. Choose another with --data");
  }

  @Test
  void whatTheMachineRefusesIsALineToo() {
    assertThat(StartFailure.explain(new IOException("No space left\non device")))
        .contains("cannot start: No space left on device");
  }

  @Test
  void bugsAreNotExplainedAway() {
    assertThat(StartFailure.explain(new IllegalStateException("bug"))).isEmpty();
  }
}
