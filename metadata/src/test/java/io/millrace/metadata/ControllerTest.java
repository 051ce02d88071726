package io.millrace.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.host.Entropy;
import io.millrace.metadata.Command.ConfigChange;
import io.millrace.metadata.Command.CreatedTopic;
import io.millrace.metadata.Command.Edit;
import io.millrace.metadata.Command.EditKind;
import io.millrace.metadata.Command.ManualAssignment;
import io.millrace.metadata.Command.MorePartitions;
import io.millrace.metadata.Command.NewConfig;
import io.millrace.metadata.Command.NewTopic;
import io.millrace.metadata.Command.Setting;
import io.millrace.metadata.Command.TopicRef;
import io.millrace.metadata.config.BrokerConfigs;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ControllerTest {
  private final Controller controller = new Controller(Clusters.DEFAULTS);
  private final Entropy entropy = new SeededEntropy(42);
  private final ClusterImage single = Clusters.single();

  private ErrorCode createError(ClusterImage image, NewTopic... topics) {
    List<CreatedTopic> answers =
        controller.decide(image, Clusters.create(topics), entropy).answer();
    return answers.getLast().outcome().error();
  }

  @Test
  void aTopicIsCreatedWithItsPartitionsAndSettings() {
    ClusterImage image =
        Clusters.after(
            single,
            entropy,
            Clusters.create(Clusters.topic("t", 3, 1, new Setting("retention.ms", "1000"))));
    Topic topic = image.topic("t").orElseThrow();
    assertThat(topic.partitionCount()).isEqualTo(3);
    assertThat(topic.partition(2))
        .isEqualTo(
            new Partition(
                List.of(1), List.of(new Uuid(9, 1)), List.of(1), List.of(), List.of(), 1, 0, 0));
    assertThat(image.topic(topic.id())).contains(topic);
    assertThat(image.config(ConfigResource.topic("t"))).isEqualTo(Map.of("retention.ms", "1000"));
  }

  @Test
  void defaultsComeFromTheBrokersSettings() {
    Controller other = new Controller(BrokerConfigs.read(Map.of("num.partitions", "5")));
    CreatedTopic created =
        other
            .decide(single, Clusters.create(Clusters.topic("t", -1, -1)), entropy)
            .answer()
            .getFirst();
    assertThat(created.topic().orElseThrow().partitionCount()).isEqualTo(5);
  }

  @Test
  void validateOnlyAnswersAndWritesNothing() {
    var decision =
        controller.decide(
            single, new Command.CreateTopics(List.of(Clusters.topic("t", 2, 1)), true), entropy);
    assertThat(decision.records()).isEmpty();
    assertThat(decision.answer().getFirst().topic().orElseThrow().partitionCount()).isEqualTo(2);
  }

  /// RELIABILITY.md §5, row 16.
  @Test
  void namesThatAreNoTopicNamesAreRefused() {
    for (String name :
        List.of("", ".", "..", "a/b", "../a", "a\\b", "a b", "a\0", "é", "x".repeat(250), "a,b")) {
      assertThat(createError(single, Clusters.topic(name, 1, 1)))
          .as(name)
          .isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
    }
    assertThat(createError(single, Clusters.topic("__cluster_metadata", 1, 1)))
        .isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
    assertThat(createError(single, Clusters.topic("x".repeat(249), 1, 1)))
        .isEqualTo(ErrorCode.NONE);
  }

  @Test
  void namesThatCollideAreRefused() {
    ClusterImage image =
        Clusters.after(single, entropy, Clusters.create(Clusters.topic("a.b", 1, 1)));
    assertThat(createError(image, Clusters.topic("a_b", 1, 1)))
        .isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
    assertThat(createError(image, Clusters.topic("a.b", 1, 1)))
        .isEqualTo(ErrorCode.TOPIC_ALREADY_EXISTS);
    assertThat(createError(image, Clusters.topic("c_d", 1, 1), Clusters.topic("c.d", 1, 1)))
        .isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
  }

  /// RELIABILITY.md §5, row 35.
  @Test
  void countsOutOfRangeAreRefused() {
    for (int partitions : new int[] {0, -2, 10_001, 1_000_000, Integer.MAX_VALUE}) {
      assertThat(createError(single, Clusters.topic("t", partitions, 1)))
          .as("%d partitions", partitions)
          .isEqualTo(ErrorCode.INVALID_PARTITIONS);
    }
    for (int replicas : new int[] {0, -2, 2, 32767}) {
      assertThat(createError(single, Clusters.topic("t", 1, replicas)))
          .as("%d replicas", replicas)
          .isEqualTo(ErrorCode.INVALID_REPLICATION_FACTOR);
    }
    assertThat(createError(single, Clusters.topic("a", 9_000, 1), Clusters.topic("b", 1_001, 1)))
        .isEqualTo(ErrorCode.INVALID_PARTITIONS);
    assertThat(createError(ClusterImage.EMPTY, Clusters.topic("t", 1, 1)))
        .isEqualTo(ErrorCode.INVALID_REPLICATION_FACTOR);
  }

  @Test
  void settingsAreChecked() {
    assertThat(createError(single, Clusters.topic("t", 1, 1, new Setting("retention.ms", "x"))))
        .isEqualTo(ErrorCode.INVALID_CONFIG);
    assertThat(createError(single, Clusters.topic("t", 1, 1, new Setting("no.such", "x"))))
        .isEqualTo(ErrorCode.INVALID_CONFIG);
    assertThat(createError(single, Clusters.topic("t", 1, 1, new Setting("retention.ms", null))))
        .isEqualTo(ErrorCode.INVALID_CONFIG);
  }

  @Test
  void aNameTwiceInARequestIsRefusedOnce() {
    var decision =
        controller.decide(
            single,
            Clusters.create(
                Clusters.topic("a", 1, 1), Clusters.topic("b", 1, 1), Clusters.topic("a", 1, 1)),
            entropy);
    assertThat(decision.answer().stream().map(each -> each.name() + each.outcome().error()))
        .containsExactly("aINVALID_REQUEST", "bNONE");
  }

  @Test
  void assignmentsAreChecked() {
    ClusterImage image = Clusters.after(single, entropy, Clusters.broker(2, ""));
    assertThat(assigned(image, -1, -1, new ManualAssignment(0, List.of(2, 1))))
        .isEqualTo(ErrorCode.NONE);
    assertThat(assigned(image, 1, -1, new ManualAssignment(0, List.of(1))))
        .isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(assigned(image, -1, -1, new ManualAssignment(1, List.of(1))))
        .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
    assertThat(assigned(image, -1, -1, new ManualAssignment(0, List.of(1, 1))))
        .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
    assertThat(assigned(image, -1, -1, new ManualAssignment(0, List.of(3))))
        .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
    assertThat(assigned(image, -1, -1, new ManualAssignment(0, List.of())))
        .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
    assertThat(
            assigned(
                image,
                -1,
                -1,
                new ManualAssignment(0, List.of(1)),
                new ManualAssignment(1, List.of(1, 2))))
        .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
  }

  private ErrorCode assigned(
      ClusterImage image, int partitions, int replicas, ManualAssignment... assignments) {
    return createError(
        image, new NewTopic("t", partitions, replicas, List.of(assignments), List.of()));
  }

  @Test
  void topicsAreDeletedByNameAndById() {
    ClusterImage image =
        Clusters.after(
            single,
            entropy,
            Clusters.create(
                Clusters.topic("a", 1, 1, new Setting("retention.ms", "1")),
                Clusters.topic("b", 1, 1)));
    Uuid b = image.topic("b").orElseThrow().id();
    var decision =
        controller.decide(
            image,
            new Command.DeleteTopics(
                List.of(
                    new TopicRef("a", Uuid.ZERO),
                    new TopicRef(null, b),
                    new TopicRef("c", Uuid.ZERO),
                    new TopicRef(null, new Uuid(1, 2)))),
            entropy);
    assertThat(decision.answer().stream().map(each -> each.outcome().error()))
        .containsExactly(
            ErrorCode.NONE,
            ErrorCode.NONE,
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            ErrorCode.UNKNOWN_TOPIC_ID);
    ClusterImage after = Clusters.apply(image, decision.records());
    assertThat(after.topics()).isEmpty();
    assertThat(after.configs()).isEmpty();
    assertThat(after.topicNames()).isEmpty();
  }

  @Test
  void partitionsAreAdded() {
    ClusterImage image =
        Clusters.after(single, entropy, Clusters.create(Clusters.topic("t", 2, 1)));
    assertThat(addError(image, new MorePartitions("t", 4, null))).isEqualTo(ErrorCode.NONE);
    assertThat(addError(image, new MorePartitions("t", 2, null)))
        .isEqualTo(ErrorCode.INVALID_PARTITIONS);
    assertThat(addError(image, new MorePartitions("t", Integer.MAX_VALUE, null)))
        .isEqualTo(ErrorCode.INVALID_PARTITIONS);
    assertThat(addError(image, new MorePartitions("t", Integer.MIN_VALUE, null)))
        .isEqualTo(ErrorCode.INVALID_PARTITIONS);
    assertThat(addError(image, new MorePartitions("u", 2, null)))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(addError(image, new MorePartitions("t", 4, List.of(List.of(1)))))
        .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
    ClusterImage after =
        Clusters.after(
            image,
            entropy,
            new Command.CreatePartitions(List.of(new MorePartitions("t", 4, null)), false));
    assertThat(after.topic("t").orElseThrow().partitions().keySet()).containsExactly(0, 1, 2, 3);
  }

  private ErrorCode addError(ClusterImage image, MorePartitions wanted) {
    return controller
        .decide(image, new Command.CreatePartitions(List.of(wanted), false), entropy)
        .answer()
        .getFirst()
        .outcome()
        .error();
  }

  @Test
  void settingsAreEditedOneByOne() {
    ClusterImage image =
        Clusters.after(single, entropy, Clusters.create(Clusters.topic("t", 1, 1)));
    ConfigResource topic = ConfigResource.topic("t");
    image = edited(image, topic, new Edit("cleanup.policy", EditKind.APPEND, "compact"));
    assertThat(image.config(topic)).containsEntry("cleanup.policy", "delete,compact");
    image = edited(image, topic, new Edit("cleanup.policy", EditKind.SUBTRACT, "delete"));
    assertThat(image.config(topic)).containsEntry("cleanup.policy", "compact");
    image = edited(image, topic, new Edit("cleanup.policy", EditKind.DELETE, null));
    assertThat(image.config(topic)).isEmpty();
    assertThat(editError(image, topic, new Edit("retention.ms", EditKind.APPEND, "1")))
        .isEqualTo(ErrorCode.INVALID_CONFIG);
    assertThat(editError(image, topic, new Edit("retention.ms", EditKind.SET, null)))
        .isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(editError(image, topic, new Edit("retention.ms", EditKind.SET, "soon")))
        .isEqualTo(ErrorCode.INVALID_CONFIG);
    assertThat(
            editError(
                image, ConfigResource.topic("u"), new Edit("retention.ms", EditKind.SET, "1")))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }

  @Test
  void allSettingsOfAResourceAreReplaced() {
    ConfigResource topic = ConfigResource.topic("t");
    ClusterImage image =
        Clusters.after(
            single,
            entropy,
            Clusters.create(Clusters.topic("t", 1, 1, new Setting("retention.ms", "1"))),
            new Command.AlterConfigs(
                List.of(new NewConfig(topic, List.of(new Setting("segment.ms", "9")))), false));
    assertThat(image.config(topic)).isEqualTo(Map.of("segment.ms", "9"));
  }

  @Test
  void brokerSettingsChangeOnlyWhereKafkaLetsThem() {
    ConfigResource one = ConfigResource.broker(1);
    ConfigResource all = ConfigResource.ALL_BROKERS;
    assertThat(editError(single, all, set("log.retention.ms", "5"))).isEqualTo(ErrorCode.NONE);
    assertThat(editError(single, one, set("log.retention.ms", "5"))).isEqualTo(ErrorCode.NONE);
    assertThat(editError(single, all, set("log.retention.hours", "5")))
        .isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(editError(single, all, set("ssl.keystore.type", "PEM")))
        .isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(editError(single, one, set("ssl.keystore.type", "PEM"))).isEqualTo(ErrorCode.NONE);
    assertThat(editError(single, one, set("listener.name.x.ssl.keystore.type", "PEM")))
        .isEqualTo(ErrorCode.NONE);
    assertThat(editError(single, one, set("no.such.setting", "5")))
        .isEqualTo(ErrorCode.INVALID_CONFIG);
    assertThat(editError(single, ConfigResource.broker(2), set("log.retention.ms", "5")))
        .isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(
            editError(
                single,
                new ConfigResource(ConfigResource.Type.BROKER, "one"),
                set("log.retention.ms", "5")))
        .isEqualTo(ErrorCode.INVALID_REQUEST);
  }

  /// RELIABILITY.md §5, row 36.
  @Test
  void noSettingThatNamesCodeOrFilesIsTakenFromClients() {
    for (String name :
        List.of(
            "sasl.jaas.config",
            "listener.name.x.scram-sha-256.sasl.jaas.config",
            "metric.reporters",
            "principal.builder.class",
            "ssl.engine.factory.class",
            "ssl.keystore.location",
            "listener.name.x.ssl.truststore.location",
            "sasl.kerberos.kinit.cmd",
            "config.providers",
            "config.providers.file.class",
            "sasl.oauthbearer.jwks.endpoint.url",
            "sasl.login.callback.handler.class",
            "rsm.config.anything")) {
      assertThat(editError(single, ConfigResource.broker(1), set(name, "com.example.Evil")))
          .as(name)
          .isIn(ErrorCode.INVALID_CONFIG, ErrorCode.INVALID_REQUEST);
    }
  }

  private static Edit set(String name, String value) {
    return new Edit(name, EditKind.SET, value);
  }

  private ClusterImage edited(ClusterImage image, ConfigResource resource, Edit edit) {
    assertThat(editError(image, resource, edit)).isEqualTo(ErrorCode.NONE);
    return Clusters.after(image, entropy, edit(resource, edit));
  }

  private ErrorCode editError(ClusterImage image, ConfigResource resource, Edit edit) {
    return controller
        .decide(image, edit(resource, edit), entropy)
        .answer()
        .getFirst()
        .outcome()
        .error();
  }

  private static Command.IncrementalAlterConfigs edit(ConfigResource resource, Edit edit) {
    return new Command.IncrementalAlterConfigs(
        List.of(new ConfigChange(resource, List.of(edit))), false);
  }

  @Test
  void producerIdsAreNeverGivenTwice() {
    Broker broker = single.broker(1).orElseThrow();
    Command.AllocateProducerIds allocate = new Command.AllocateProducerIds(1, broker.epoch());
    assertThat(controller.decide(single, allocate, entropy).answer())
        .isEqualTo(new Command.ProducerIdBlock(Outcome.DONE, 0, 1000));
    ClusterImage image = Clusters.after(single, entropy, allocate);
    assertThat(controller.decide(image, allocate, entropy).answer().first()).isEqualTo(1000);
    assertThat(
            controller
                .decide(image, new Command.AllocateProducerIds(1, broker.epoch() + 1), entropy)
                .answer()
                .outcome()
                .error())
        .isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
    assertThat(
            controller
                .decide(image, new Command.AllocateProducerIds(2, 0), entropy)
                .answer()
                .outcome()
                .error())
        .isEqualTo(ErrorCode.BROKER_ID_NOT_REGISTERED);
  }

  @Test
  void aBrokerKeepsItsEpochUntilItRestarts() {
    Command.RegisterBroker again = Clusters.broker(1, "");
    assertThat(controller.decide(single, again, entropy).records()).isEmpty();
    Command.RegisterBroker restarted =
        new Command.RegisterBroker(
            1, new Uuid(8, 8), again.endpoints(), again.rack(), again.logDirs());
    assertThat(controller.decide(single, restarted, entropy).answer().brokerEpoch())
        .isGreaterThan(single.broker(1).orElseThrow().epoch());
  }

  @Test
  void featuresThatHaveALevelKeepIt() {
    Command.FinalizeFeatures features =
        new Command.FinalizeFeatures(new TreeMap<>(Map.of("metadata.version", (short) 30)));
    ClusterImage image = Clusters.after(single, entropy, features);
    assertThat(image.features()).isEqualTo(Map.of("metadata.version", (short) 30));
    assertThat(controller.decide(image, features, entropy).records()).isEmpty();
  }
}
