package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProcessAgeTest {
  @Test
  void readsTheStartBehindAnyCommandName() {
    String stat =
        "4711 (a) R (b) S 1 4711 4711 0 -1 4194304 1 0 0 0 1 1 0 0 20 0 18 0 117172 1 1 1\n";
    assertThat(ProcessAge.millis(stat, "1172.04 2187.63\n")).isEqualTo(320);
  }

  @Test
  void thisProcessHasAnAge() {
    assertThat(ProcessAge.millis()).isBetween(1L, 3_600_000L);
  }
}
