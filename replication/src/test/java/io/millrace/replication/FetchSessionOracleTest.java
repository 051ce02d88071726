package io.millrace.replication;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A fetch session, which looks only at partitions with news, tells what one tells that looks at
/// all of them.
@Timeout(120)
final class FetchSessionOracleTest {
  @Test
  void tellsWhatTheOracleTells() {
    for (long seed = 1; seed <= 40; seed++) {
      new SessionAndOracle(seed).run();
    }
  }
}
