package io.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ProcessUsageTest {
  @Test
  void cpuSecondsAreUserAndSystemTime() {
    String stat =
        "4711 (java) S 1 4711 4711 0 -1 4194304 100 0 0 0 1234 66 0 0 20 0 40 0 100 200 300 400";

    assertThat(ProcessUsage.cpuSeconds(stat)).isEqualTo(13.0);
  }

  @Test
  void commandMayHoldSpacesAndParentheses() {
    String stat = "4711 (a (b) c) S 1 4711 4711 0 -1 4194304 100 0 0 0 50 25 0 0 20 0 40 0 100";

    assertThat(ProcessUsage.cpuSeconds(stat)).isEqualTo(0.75);
  }

  @Test
  void kilobytesAreTakenFromTheNamedLine() {
    List<String> status = List.of("Name:\tjava", "VmRSS:\t  123456 kB", "VmRSSx:\t1 kB");

    assertThat(ProcessUsage.kilobytesOf("VmRSS", status)).isEqualTo(123456);
    assertThatThrownBy(() -> ProcessUsage.kilobytesOf("Pss", status)).hasMessageContaining("Pss");
  }

  @Test
  void ownProcessHasUsedSomething() throws Exception {
    ProcessUsage usage = ProcessUsage.of(ProcessHandle.current());

    assertThat(usage.cpuSeconds()).isPositive();
    assertThat(usage.residentBytes()).isGreaterThan(1 << 20);
    assertThat(usage.proportionalBytes()).isGreaterThan(1 << 20);
  }
}
