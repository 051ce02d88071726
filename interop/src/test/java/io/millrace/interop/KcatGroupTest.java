package io.millrace.interop;

import io.millrace.interop.GroupRecorder.End;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Groups of librdkafka's consumers, by way of kcat.
final class KcatGroupTest {
  /// Nothing orders what two programs print, so a line may be read late.
  private static final Duration READ_SLACK = Duration.ofSeconds(3);

  private static final Pattern REBALANCED =
      Pattern.compile("% Group .* rebalanced .*: (assigned|revoked): ?(.*)");
  private static final Pattern PARTITION = Pattern.compile("(\\S+) \\[(\\d+)\\]");

  @RegisterExtension
  static final TestBroker BROKER =
      TestBroker.with(
          "group.initial.rebalance.delay.ms", "200", "group.min.session.timeout.ms", "1000");

  @Test
  void everyRecordIsDeliveredWhileMembersComeAndGo() throws Exception {
    KcatRoundTrip.checkInstalled();
    new ProgramGroup(
            BROKER.process(), new GroupRecorder(READ_SLACK), KcatGroupTest::start, "kcat-group")
        // kcat ends when its broker is gone; told to end, it drops a record that it has just taken.
        .run(false, 1);
  }

  private static LineProcess start(String name, String topic, GroupRecorder recorder)
      throws Exception {
    return LineProcess.start(
        List.of(
            "kcat",
            "-b",
            BROKER.bootstrap(),
            "-G",
            topic,
            "-u",
            "-f",
            "%t %p %o\\n",
            "-X",
            "auto.offset.reset=earliest",
            "-X",
            "session.timeout.ms=4000",
            "-X",
            "heartbeat.interval.ms=300",
            "-X",
            "reconnect.backoff.max.ms=500",
            topic),
        line -> delivered(name, line, recorder),
        line -> rebalanced(name, line, recorder));
  }

  private static void delivered(String name, String line, GroupRecorder recorder) {
    String[] parts = line.split(" ", -1);
    recorder.delivered(name, parts[0], Integer.parseInt(parts[1]), Long.parseLong(parts[2]));
  }

  private static void rebalanced(String name, String line, GroupRecorder recorder) {
    Matcher rebalanced = REBALANCED.matcher(line);
    if (!rebalanced.matches()) {
      return;
    }
    var partitions = new ArrayList<TopicPartition>();
    Matcher partition = PARTITION.matcher(rebalanced.group(2));
    while (partition.find()) {
      partitions.add(new TopicPartition(partition.group(1), Integer.parseInt(partition.group(2))));
    }
    if (rebalanced.group(1).equals("assigned")) {
      recorder.assigned(name, partitions);
    } else {
      recorder.ended(name, partitions, End.REVOKED);
    }
  }
}
