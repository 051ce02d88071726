package io.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class PercentilesTest {
  @Test
  void percentilesAreByNearestRank() {
    long[] values = LongStream.rangeClosed(1, 1000).toArray();

    assertThat(Percentiles.of(values, 0.5)).isEqualTo(500);
    assertThat(Percentiles.of(values, 0.99)).isEqualTo(990);
    assertThat(Percentiles.of(values, 0.999)).isEqualTo(999);
    assertThat(Percentiles.of(values, 1)).isEqualTo(1000);
    assertThat(Percentiles.of(new long[] {7}, 0.001)).isEqualTo(7);
  }

  @Test
  void medianOfAnEvenCountIsTheMeanOfTheMiddle() {
    assertThat(Percentiles.median(new double[] {1, 2, 4})).isEqualTo(2);
    assertThat(Percentiles.median(new double[] {1, 2, 4, 100})).isEqualTo(3);
  }
}
