package io.millrace.interop;

import io.millrace.bench.Repository;
import io.millrace.bench.Tool;
import io.millrace.interop.GroupRecorder.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Groups of KafkaJS, the client of Node.js. `interop/kafkajs` holds the member; npm installs
/// KafkaJS under `interop/target`, at the version and checksum of the lock file.
final class KafkaJsGroupTest {
  private static Path folder;

  @RegisterExtension
  static final TestBroker BROKER =
      TestBroker.with(
          "group.initial.rebalance.delay.ms", "200", "group.min.session.timeout.ms", "1000");

  @BeforeAll
  static void install() throws Exception {
    Path interop = Repository.find().root().resolve("interop");
    folder = interop.resolve("target/kafkajs");
    Files.createDirectories(folder);
    for (String file : List.of("package.json", "package-lock.json", "member.js")) {
      Files.copy(
          interop.resolve("kafkajs").resolve(file),
          folder.resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }
    try {
      Tool.run(
              List.of(
                  "npm",
                  "ci",
                  "--prefix",
                  folder.toString(),
                  "--ignore-scripts",
                  "--no-audit",
                  "--no-fund"))
          .orFail();
    } catch (IOException e) {
      throw new IllegalStateException(
          "KafkaJS is not installed; npm is needed for that: apt-get install nodejs npm", e);
    }
  }

  @Test
  void everyRecordIsDeliveredWhileMembersComeAndGo() throws Exception {
    new ProgramGroup(
            BROKER.process(), new GroupRecorder(), KafkaJsGroupTest::start, "kafkajs-group")
        .run(true, 0);
  }

  private static LineProcess start(String name, String topic, GroupRecorder recorder)
      throws Exception {
    return LineProcess.start(
        List.of(
            "node",
            folder.resolve("member.js").toString(),
            BROKER.bootstrap(),
            topic,
            topic,
            "4000"),
        line -> told(name, topic, line.split(" ", -1), recorder),
        _ -> {});
  }

  private static void told(String name, String topic, String[] words, GroupRecorder recorder) {
    long atNs = Long.parseLong(words[0]);
    switch (words[1]) {
      case "record" ->
          recorder.delivered(name, topic, Integer.parseInt(words[2]), Long.parseLong(words[3]));
      case "revoked" -> recorder.endedAll(name, End.REVOKED, atNs);
      case "assigned" -> {
        // A member that the group had forgotten joins anew without having been told to give up.
        recorder.endedAll(name, End.LOST, atNs);
        List<TopicPartition> partitions =
            Arrays.stream(words, 2, words.length)
                .map(number -> new TopicPartition(topic, Integer.parseInt(number)))
                .toList();
        recorder.assigned(name, partitions, atNs);
      }
      default -> recorder.violation("member " + name + " said: " + String.join(" ", words));
    }
  }
}
