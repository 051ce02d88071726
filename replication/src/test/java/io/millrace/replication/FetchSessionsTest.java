package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.message.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How many sessions there are, and who gives way to whom.
@Timeout(60)
final class FetchSessionsTest {
  private static final int MAX = 3;

  private final SimulatedLogs logs = new SimulatedLogs(6);
  private final FetchSessions sessions =
      new FetchSessions(
          logs.host, MAX, new Partitions(), _ -> ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);

  @AfterEach
  void close() {
    logs.close();
  }

  @Test
  void idsAreUniqueAndNotZero() {
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < MAX; i++) {
      ids.add(sessions.create(true).id());
    }
    assertThat(ids).doesNotHaveDuplicates().doesNotContain(FetchSession.NO_SESSION);
  }

  @Test
  void whoIsUsedDoesNotGiveWay() {
    List<FetchSession> full = fill();
    assertThat(sessions.create(true).id()).isEqualTo(FetchSession.NO_SESSION);
    logs.simulation.runFor(FetchSessions.MIN_IDLE.minus(Duration.ofSeconds(1)));
    assertThat(sessions.create(true).id()).isEqualTo(FetchSession.NO_SESSION);
    for (FetchSession session : full) {
      assertThat(resume(session.id(), 1)).isEqualTo(ErrorCode.NONE);
    }
  }

  @Test
  void whoIsIdleLongestGivesWay() {
    List<FetchSession> full = fill();
    logs.simulation.runFor(Duration.ofSeconds(1));
    resume(full.get(0).id(), 1);
    resume(full.get(2).id(), 1);
    logs.simulation.runFor(FetchSessions.MIN_IDLE);
    FetchSession created = sessions.create(false);
    assertThat(created.id()).isNotEqualTo(FetchSession.NO_SESSION);
    assertThat(resume(full.get(1).id(), 1)).isEqualTo(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
    assertThat(resume(full.get(0).id(), 2)).isEqualTo(ErrorCode.NONE);
    assertThat(resume(full.get(2).id(), 2)).isEqualTo(ErrorCode.NONE);
  }

  @Test
  void aWrongRequestDoesNotKeepASessionAlive() {
    List<FetchSession> full = fill();
    logs.simulation.runFor(FetchSessions.MIN_IDLE.minus(Duration.ofSeconds(1)));
    resume(full.get(0).id(), 99);
    resume(full.get(1).id(), 1);
    resume(full.get(2).id(), 1);
    logs.simulation.runFor(Duration.ofSeconds(2));
    assertThat(sessions.create(true).id()).isNotEqualTo(FetchSession.NO_SESSION);
    assertThat(resume(full.get(0).id(), 1)).isEqualTo(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
  }

  @Test
  void epochsGoUpByOne() {
    int id = sessions.create(true).id();
    assertThat(resume(id, 0)).isEqualTo(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
    assertThat(resume(id, 1)).isEqualTo(ErrorCode.NONE);
    assertThat(resume(id, 1)).isEqualTo(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
    assertThat(resume(id, 3)).isEqualTo(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
    assertThat(resume(id, 2)).isEqualTo(ErrorCode.NONE);
  }

  @Test
  void aClosedSessionMakesRoom() {
    List<FetchSession> full = fill();
    sessions.close(full.get(1).id());
    sessions.close(full.get(1).id());
    assertThat(sessions.create(true).id()).isNotEqualTo(FetchSession.NO_SESSION);
    sessions.closeAll();
    assertThat(fill()).hasSize(MAX);
  }

  private List<FetchSession> fill() {
    List<FetchSession> full = new ArrayList<>();
    for (int i = 0; i < MAX; i++) {
      full.add(sessions.create(true));
    }
    return full;
  }

  private ErrorCode resume(int id, int epoch) {
    return switch (sessions.resume(id, epoch, true)) {
      case FetchSessions.Found.Session _ -> ErrorCode.NONE;
      case FetchSessions.Found.Failed(ErrorCode error) -> error;
    };
  }
}
