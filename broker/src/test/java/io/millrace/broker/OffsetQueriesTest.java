package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DeleteRecordsResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.millrace.protocol.message.ListOffsetsResponse;
import io.millrace.protocol.message.OffsetForLeaderEpochResponse;
import io.millrace.protocol.record.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// ListOffsets, OffsetForLeaderEpoch and DeleteRecords.
@Timeout(60)
final class OffsetQueriesTest {
  private static final int LATEST = -1;
  private static final int EARLIEST = -2;
  private static final int MAX_TIMESTAMP = -3;
  private static final int EARLIEST_LOCAL = -4;
  private static final int LATEST_TIERED = -5;
  private static final int EARLIEST_PENDING_UPLOAD = -6;

  @TempDir static Path directory;
  private static TestBroker broker;
  private static BrokerClient client;
  private static long base;

  /// Topic `times` has records of the times base + 0, 10, 20, 50, 30, 40, in batches of two.
  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start(directory);
    client = broker.connect();
    client.create("times", "empty");
    base = System.currentTimeMillis() - 100_000;
    client.append("times", 0, twoRecords(0, 10));
    client.append("times", 0, twoRecords(20, 50));
    client.append("times", 0, twoRecords(30, 40));
  }

  private static ByteBuffer twoRecords(int first, int second) {
    return new RecordBatchBuilder()
        .append(base + first, null, new byte[1])
        .append(base + second, null, new byte[1])
        .build();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    broker.close();
  }

  @ParameterizedTest(name = "version {0}")
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
  void theEndsAreFoundInEveryVersion(int version) throws Exception {
    var latest = client.listOffset(version, "times", 0, LATEST, -1);
    assertThat(latest.errorCode()).isZero();
    assertThat(latest.offset()).isEqualTo(6);
    assertThat(latest.timestamp()).isEqualTo(-1);
    var earliest = client.listOffset(version, "times", 0, EARLIEST, -1);
    assertThat(earliest.offset()).isZero();
    assertThat(earliest.timestamp()).isEqualTo(-1);
    if (version >= 4) {
      assertThat(latest.leaderEpoch()).isNotNegative();
      assertThat(earliest.leaderEpoch()).isEqualTo(latest.leaderEpoch());
    }
  }

  /// The first record, by offset, whose time is at or after the one asked for.
  @ParameterizedTest(name = "time {0} is at offset {1}")
  @CsvSource({
    "-1000,0,0",
    "0,0,0",
    "1,1,10",
    "10,1,10",
    "20,2,20",
    "21,3,50",
    "30,3,50",
    "50,3,50"
  })
  void offsetsAreFoundByTime(long time, long offset, long timeFound) throws Exception {
    var found = client.listOffset(11, "times", 0, base + time, -1);
    assertThat(found.errorCode()).isZero();
    assertThat(found.offset()).isEqualTo(offset);
    assertThat(found.timestamp()).isEqualTo(base + timeFound);
  }

  @Test
  void noRecordIsAfterTheLast() throws Exception {
    for (long time : new long[] {base + 51, Long.MAX_VALUE}) {
      var found = client.listOffset(11, "times", 0, time, -1);
      assertThat(found.errorCode()).isZero();
      assertThat(found.offset()).isEqualTo(-1);
      assertThat(found.timestamp()).isEqualTo(-1);
    }
    assertThat(client.listOffset(11, "times", 0, 0, -1).offset()).isZero();
  }

  @Test
  void theLargestTimeIsFoundWithItsOffset() throws Exception {
    var found = client.listOffset(11, "times", 0, MAX_TIMESTAMP, -1);
    assertThat(found.offset()).isEqualTo(3);
    assertThat(found.timestamp()).isEqualTo(base + 50);
  }

  @Test
  void withoutTieredStorageEverythingIsLocal() throws Exception {
    assertThat(client.listOffset(11, "times", 0, EARLIEST_LOCAL, -1).offset()).isZero();
    var tiered = client.listOffset(11, "times", 0, LATEST_TIERED, -1);
    assertThat(tiered.errorCode()).isZero();
    assertThat(tiered.offset()).isEqualTo(-1);
    var pending = client.listOffset(11, "times", 0, EARLIEST_PENDING_UPLOAD, -1);
    assertThat(pending.errorCode()).isZero();
  }

  @Test
  void anEmptyLogHasEndsOnly() throws Exception {
    assertThat(client.offset("empty", 0, LATEST)).isZero();
    assertThat(client.offset("empty", 0, EARLIEST)).isZero();
    assertThat(client.offset("empty", 0, MAX_TIMESTAMP)).isEqualTo(-1);
    assertThat(client.offset("empty", 0, base)).isEqualTo(-1);
  }

  /// Names of offsets came with versions: before, they were nobody's.
  @ParameterizedTest(name = "{0} in version {1}")
  @CsvSource({"-3,6", "-4,7", "-5,8", "-6,10", "-7,11", "-9223372036854775808,11"})
  void aNameThatTheVersionDoesNotHaveIsRefused(long timestamp, int version) throws Exception {
    assertThat(
            BrokerClient.error(client.listOffset(version, "times", 0, timestamp, -1).errorCode()))
        .isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
  }

  @Test
  void aPartitionThatIsAskedForTwiceIsRefused() throws Exception {
    ListOffsetsRequest.ListOffsetsPartition partition =
        ListOffsetsRequest.ListOffsetsPartition.builder()
            .partitionIndex(0)
            .currentLeaderEpoch(-1)
            .timestamp(LATEST)
            .build();
    ListOffsetsRequest request =
        ListOffsetsRequest.builder()
            .replicaId(-1)
            .topics(List.of(topic("times", partition, partition), topic("empty", partition)))
            .build();
    ListOffsetsResponse response =
        client.call(ListOffsetsResponse.class, ApiKey.LIST_OFFSETS, 11, request);
    for (var answer : response.topics()) {
      assertThat(answer.partitions())
          .allMatch(
              found ->
                  BrokerClient.error(found.errorCode())
                      == (answer.name().equals("times")
                          ? ErrorCode.INVALID_REQUEST
                          : ErrorCode.NONE));
    }
  }

  private static ListOffsetsRequest.ListOffsetsTopic topic(
      String name, ListOffsetsRequest.ListOffsetsPartition... partitions) {
    return ListOffsetsRequest.ListOffsetsTopic.builder()
        .name(name)
        .partitions(List.of(partitions))
        .build();
  }

  @Test
  void row30LeaderEpochsAreChecked() throws Exception {
    int epoch = client.listOffset(11, "times", 0, LATEST, -1).leaderEpoch();
    assertThat(BrokerClient.error(client.listOffset(11, "times", 0, LATEST, epoch).errorCode()))
        .isEqualTo(ErrorCode.NONE);
    assertThat(BrokerClient.error(client.listOffset(11, "times", 0, LATEST, epoch + 1).errorCode()))
        .isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
    assertThat(BrokerClient.error(client.endOfEpoch("times", 0, epoch + 1, 0).errorCode()))
        .isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
  }

  @Test
  void theEndOfAnEpochIsFound() throws Exception {
    int epoch = client.listOffset(11, "times", 0, LATEST, -1).leaderEpoch();
    OffsetForLeaderEpochResponse.EpochEndOffset end = client.endOfEpoch("times", 0, -1, epoch);
    assertThat(end.errorCode()).isZero();
    assertThat(end.leaderEpoch()).isEqualTo(epoch);
    assertThat(end.endOffset()).isEqualTo(6);
    OffsetForLeaderEpochResponse.EpochEndOffset unknown =
        client.endOfEpoch("times", 0, -1, epoch + 1);
    assertThat(unknown.errorCode()).isZero();
    assertThat(unknown.leaderEpoch()).isEqualTo(-1);
    assertThat(unknown.endOffset()).isEqualTo(-1);
    assertThat(BrokerClient.error(client.endOfEpoch("nowhere", 0, -1, 0).errorCode()))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }

  @Test
  void deletedRecordsAreGone() throws Exception {
    client.create("deleted");
    for (int i = 0; i < 4; i++) {
      client.append("deleted", 0, Batches.of("a" + i, "b" + i));
    }
    assertThat(delete("deleted", 0, 3)).isEqualTo(3);
    assertThat(client.offset("deleted", 0, EARLIEST)).isEqualTo(3);
    assertThat(client.offset("deleted", 0, LATEST)).isEqualTo(8);
    assertThat(BrokerClient.error(client.fetch("deleted", 0, 2).errorCode()))
        .isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
    assertThat(client.fetch("deleted", 0, 3).logStartOffset()).isEqualTo(3);
    // What is gone already stays gone.
    assertThat(delete("deleted", 0, 1)).isEqualTo(3);
    assertThat(delete("deleted", 0, -1)).isEqualTo(8);
    assertThat(client.readAll("deleted", 0)).isEmpty();
    assertThat(client.append("deleted", 0, Batches.of("next"))).isEqualTo(8);
  }

  private static long delete(String topic, int partition, long offset) throws Exception {
    DeleteRecordsResponse.DeleteRecordsPartitionResult result =
        client.deleteRecords(topic, partition, offset);
    BrokerClient.check(result.errorCode());
    return result.lowWatermark();
  }

  @ParameterizedTest(name = "before offset {0}")
  @ValueSource(longs = {7, Long.MAX_VALUE, -2, Long.MIN_VALUE})
  void recordsThatAreNotThereCannotBeDeleted(long offset) throws Exception {
    DeleteRecordsResponse.DeleteRecordsPartitionResult result =
        client.deleteRecords("times", 0, offset);
    assertThat(BrokerClient.error(result.errorCode())).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
    assertThat(result.lowWatermark()).isEqualTo(-1);
    assertThat(client.offset("times", 0, EARLIEST)).isZero();
  }

  @Test
  void deletedRecordsStayGoneAfterARestart(@TempDir Path own) throws Exception {
    try (TestBroker first = TestBroker.start(own);
        BrokerClient before = first.connect()) {
      before.create("cut");
      before.append("cut", 0, Batches.of("a", "b", "c"));
      assertThat(before.deleteRecords("cut", 0, 2).lowWatermark()).isEqualTo(2);
    }
    try (TestBroker second = TestBroker.start(own);
        BrokerClient after = second.connect()) {
      assertThat(after.offset("cut", 0, EARLIEST)).isEqualTo(2);
      assertThat(after.offset("cut", 0, LATEST)).isEqualTo(3);
    }
  }
}
