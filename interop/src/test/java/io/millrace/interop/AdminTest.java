package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class AdminTest {
  @RegisterExtension static final TestBroker BROKER = TestBroker.with();

  private final KafkaClients clients = BROKER.clients();
  private final Admin admin = clients.admin();

  @AfterEach
  void closeAdmin() {
    admin.close();
  }

  @Test
  void clusterIsOneNode() throws Exception {
    var cluster = admin.describeCluster();

    assertThat(cluster.nodes().get()).hasSize(1);
    assertThat(cluster.controller().get().id())
        .isEqualTo(cluster.nodes().get().iterator().next().id());
    assertThat(cluster.clusterId().get()).isNotBlank();
    assertThat(cluster.authorizedOperations().get()).isNull();
  }

  @Test
  void topicIsDescribedAsItWasCreated() throws Exception {
    create("described", 3);

    TopicDescription description = describe("described");

    assertThat(description.partitions()).hasSize(3);
    assertThat(description.partitions())
        .allMatch(partition -> partition.replicas().size() == 1 && partition.isr().size() == 1)
        .allMatch(partition -> partition.leader().equals(partition.replicas().getFirst()));
    assertThat(description.topicId()).isNotEqualTo(Uuid.ZERO_UUID);
    assertThat(description.isInternal()).isFalse();
    assertThat(description.authorizedOperations()).isNull();
    assertThat(admin.listTopics().names().get()).contains("described");
    TopicDescription byId =
        admin
            .describeTopics(TopicCollection.ofTopicIds(List.of(description.topicId())))
            .allTopicIds()
            .get()
            .values()
            .iterator()
            .next();
    assertThat(byId.name()).isEqualTo("described");
  }

  @Test
  void authorizedOperationsAreToldOnDemand() throws Exception {
    create("authorized", 1);

    TopicDescription description =
        admin
            .describeTopics(
                List.of("authorized"),
                new DescribeTopicsOptions().includeAuthorizedOperations(true))
            .allTopicNames()
            .get()
            .values()
            .iterator()
            .next();

    assertThat(description.authorizedOperations())
        .contains(AclOperation.READ, AclOperation.WRITE, AclOperation.DELETE, AclOperation.ALTER);
  }

  @Test
  void describingPagesThroughManyPartitions() throws Exception {
    create("paged", 45);
    create("paged-too", 5);

    Map<String, TopicDescription> descriptions =
        admin
            .describeTopics(
                List.of("paged", "paged-too"),
                new DescribeTopicsOptions().partitionSizeLimitPerResponse(10))
            .allTopicNames()
            .get();

    assertThat(descriptions.get("paged")).matches(topic -> topic.partitions().size() == 45);
    assertThat(descriptions.get("paged-too")).matches(topic -> topic.partitions().size() == 5);
  }

  @Test
  void topicsThatCannotBeAreRefused() throws Exception {
    create("existing", 1);

    assertFails(createAll(new NewTopic("existing", 1, (short) 1)), TopicExistsException.class);
    assertFails(createAll(new NewTopic("a b", 1, (short) 1)), InvalidTopicException.class);
    assertFails(
        createAll(new NewTopic("x".repeat(250), 1, (short) 1)), InvalidTopicException.class);
    assertFails(createAll(new NewTopic("none", 0, (short) 1)), InvalidPartitionsException.class);
    assertFails(
        createAll(new NewTopic("three", 1, (short) 3)), InvalidReplicationFactorException.class);
    assertFails(
        createAll(new NewTopic("odd", 1, (short) 1).configs(Map.of("retention.ms", "a long time"))),
        InvalidConfigurationException.class);
    assertFails(
        createAll(new NewTopic("odd", 1, (short) 1).configs(Map.of("no.such.config", "1"))),
        InvalidConfigurationException.class);
  }

  @Test
  void validationAloneCreatesNothing() throws Exception {
    admin
        .createTopics(
            List.of(new NewTopic("only-validated", 1, (short) 1)),
            new CreateTopicsOptions().validateOnly(true))
        .all()
        .get();

    assertThat(admin.listTopics().names().get()).doesNotContain("only-validated");
  }

  @Test
  void defaultsOfTheBrokerApplyWhereATopicNamesNone() throws Exception {
    var result =
        admin.createTopics(List.of(new NewTopic("defaults", Optional.empty(), Optional.empty())));

    assertThat(result.numPartitions("defaults").get()).isEqualTo(1);
    assertThat(result.replicationFactor("defaults").get()).isEqualTo(1);
    assertThat(value(result.config("defaults").get(), "retention.ms")).isEqualTo("604800000");
    assertThat(result.topicId("defaults").get()).isEqualTo(describe("defaults").topicId());
  }

  @Test
  void partitionsCanBeAddedAndNotTakenAway() throws Exception {
    create("growing", 1);

    admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(4))).all().get();

    assertThat(describe("growing").partitions()).hasSize(4);
    try (var producer = clients.producer()) {
      assertThat(producer.send(new ProducerRecord<>("growing", 3, "k", "v")).get().partition())
          .isEqualTo(3);
    }
    assertFails(
        admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(2))).all(),
        InvalidPartitionsException.class);
    assertFails(
        admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(4))).all(),
        InvalidPartitionsException.class);
    assertFails(
        admin.createPartitions(Map.of("nowhere", NewPartitions.increaseTo(2))).all(),
        UnknownTopicOrPartitionException.class);
  }

  @Test
  void topicsAreDeletedByNameAndById() throws Exception {
    create("by-name", 2);
    create("by-id", 2);
    Uuid id = describe("by-id").topicId();

    admin.deleteTopics(List.of("by-name")).all().get();
    admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get();

    KafkaClients.await(
        () -> Collections.disjoint(admin.listTopics().names().get(), List.of("by-name", "by-id")));
    assertFails(
        admin.deleteTopics(List.of("by-name")).all(), UnknownTopicOrPartitionException.class);
    assertFails(
        admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all(),
        UnknownTopicIdException.class);
    assertFails(
        admin.describeTopics(List.of("by-name")).allTopicNames(),
        UnknownTopicOrPartitionException.class);
  }

  @Test
  void recordsAreDeletedUpToAnOffset() throws Exception {
    create("trimmed", 1);
    produce("trimmed", 100);
    var partition = new TopicPartition("trimmed", 0);

    assertThat(deleteBefore(partition, 40).get()).isEqualTo(40);

    try (var consumer = clients.consumer()) {
      assertThat(consumer.beginningOffsets(List.of(partition))).isEqualTo(Map.of(partition, 40L));
      assertThat(consumer.endOffsets(List.of(partition))).isEqualTo(Map.of(partition, 100L));
    }
    assertThat(clients.readAll("trimmed")).hasSize(60);
    assertThatThrownBy(() -> deleteBefore(partition, 101).get())
        .hasCauseInstanceOf(OffsetOutOfRangeException.class);
    // -1 is all there is.
    assertThat(deleteBefore(partition, -1).get()).isEqualTo(100);
    assertThat(clients.readAll("trimmed")).isEmpty();
    produce("trimmed", 1);
    assertThat(clients.readAll("trimmed").getFirst().offset()).isEqualTo(100);
  }

  private Future<Long> deleteBefore(TopicPartition partition, long offset) {
    return Objects.requireNonNull(
            admin
                .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(offset)))
                .lowWatermarks()
                .get(partition))
        .thenApply(deleted -> deleted.lowWatermark())
        .toCompletionStage()
        .toCompletableFuture();
  }

  @Test
  void topicConfigsAreChangedOneByOne() throws Exception {
    create("configured", 1);
    var topic = new ConfigResource(ConfigResource.Type.TOPIC, "configured");

    alter(topic, new AlterConfigOp(new ConfigEntry("retention.ms", "1000"), OpType.SET));
    alter(topic, new AlterConfigOp(new ConfigEntry("segment.bytes", "2000000"), OpType.SET));
    alter(topic, new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), OpType.APPEND));

    Config config = describe(topic);
    assertThat(value(config, "retention.ms")).isEqualTo("1000");
    assertThat(value(config, "segment.bytes")).isEqualTo("2000000");
    assertThat(value(config, "cleanup.policy").split(",", -1))
        .containsExactlyInAnyOrder("delete", "compact");
    assertThat(source(config, "retention.ms")).isEqualTo(ConfigSource.DYNAMIC_TOPIC_CONFIG);
    assertThat(source(config, "retention.bytes")).isEqualTo(ConfigSource.DEFAULT_CONFIG);

    alter(topic, new AlterConfigOp(new ConfigEntry("retention.ms", ""), OpType.DELETE));
    alter(topic, new AlterConfigOp(new ConfigEntry("cleanup.policy", "delete"), OpType.SUBTRACT));

    config = describe(topic);
    assertThat(value(config, "retention.ms")).isEqualTo("604800000");
    assertThat(source(config, "retention.ms")).isNotEqualTo(ConfigSource.DYNAMIC_TOPIC_CONFIG);
    assertThat(value(config, "cleanup.policy")).isEqualTo("compact");
  }

  @Test
  void configsThatCannotBeAreRefused() throws Exception {
    create("strict", 1);
    var topic = new ConfigResource(ConfigResource.Type.TOPIC, "strict");

    assertThatThrownBy(
            () -> alter(topic, new AlterConfigOp(new ConfigEntry("retention.ms", "x"), OpType.SET)))
        .hasCauseInstanceOf(InvalidConfigurationException.class);
    assertThatThrownBy(
            () -> alter(topic, new AlterConfigOp(new ConfigEntry("no.such", "1"), OpType.SET)))
        .hasCauseInstanceOf(InvalidConfigurationException.class);
    var nowhere = new ConfigResource(ConfigResource.Type.TOPIC, "nowhere");
    assertThatThrownBy(
            () ->
                alter(nowhere, new AlterConfigOp(new ConfigEntry("retention.ms", "1"), OpType.SET)))
        .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    assertThat(source(describe(topic), "retention.ms"))
        .isNotEqualTo(ConfigSource.DYNAMIC_TOPIC_CONFIG);
  }

  @Test
  void brokerConfigsAreDescribed() throws Exception {
    String node = admin.describeCluster().nodes().get().iterator().next().idString();
    var broker = new ConfigResource(ConfigResource.Type.BROKER, node);

    Config config = describe(broker);

    assertThat(value(config, "num.partitions")).isEqualTo("1");
    assertThat(value(config, "log.retention.hours")).isEqualTo("168");
    assertThat(value(config, "listeners")).contains(BROKER.bootstrap());
  }

  @Test
  void configResourcesAreListed() throws Exception {
    create("listed", 1);
    var topic = new ConfigResource(ConfigResource.Type.TOPIC, "listed");
    alter(topic, new AlterConfigOp(new ConfigEntry("retention.ms", "1000"), OpType.SET));

    KafkaClients.await(() -> admin.listConfigResources().all().get().contains(topic));
  }

  @Test
  void logDirectoriesAreDescribed() throws Exception {
    create("sized", 2);
    produce("sized", 100);
    int node = admin.describeCluster().nodes().get().iterator().next().id();

    var directories =
        Objects.requireNonNull(
                admin.describeLogDirs(List.of(node)).descriptions().get(node),
                "no answer of the node")
            .get();

    assertThat(directories).hasSize(1);
    var directory = directories.values().iterator().next();
    assertThat(directory.error()).isNull();
    assertThat(directory.totalBytes()).isPresent();
    assertThat(directory.usableBytes()).isPresent();
    var replica =
        Objects.requireNonNull(directory.replicaInfos().get(new TopicPartition("sized", 0)));
    assertThat(replica.size()).isPositive();
    assertThat(replica.offsetLag()).isZero();
    assertThat(replica.isFuture()).isFalse();
  }

  private void create(String topic, int partitions) throws Exception {
    clients.createTopic(topic, partitions);
  }

  private Future<Void> createAll(NewTopic topic) {
    return admin.createTopics(List.of(topic)).all();
  }

  private TopicDescription describe(String topic) throws Exception {
    return Objects.requireNonNull(
        admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic));
  }

  private Config describe(ConfigResource resource) throws Exception {
    return Objects.requireNonNull(
        admin.describeConfigs(List.of(resource)).all().get().get(resource));
  }

  private void alter(ConfigResource resource, AlterConfigOp op) throws Exception {
    admin.incrementalAlterConfigs(Map.of(resource, List.of(op))).all().get();
  }

  private static String value(Config config, String name) {
    return Objects.requireNonNull(config.get(name), name).value();
  }

  private static ConfigSource source(Config config, String name) {
    return Objects.requireNonNull(config.get(name), name).source();
  }

  private static void assertFails(Future<?> future, Class<? extends Throwable> cause) {
    assertThatThrownBy(future::get).hasCauseInstanceOf(cause);
  }

  private void produce(String topic, int count) throws Exception {
    var sends = new ArrayList<Future<?>>();
    try (var producer = clients.producer()) {
      for (int i = 0; i < count; i++) {
        sends.add(producer.send(new ProducerRecord<>(topic, 0, "k", "v" + i)));
      }
    }
    for (Future<?> send : sends) {
      send.get();
    }
  }
}
