package io.millrace.broker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.BrokerServer;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.Machine;
import io.millrace.broker.config.ServerProperties;
import io.millrace.host.Host;
import io.millrace.host.Net;
import io.millrace.host.jdk.JdkHost;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Topics and settings through Kafka's own admin client.
class AdminApiTest {
  private static final ConfigResource BROKER = new ConfigResource(ConfigResource.Type.BROKER, "1");
  private static final ConfigResource ALL_BROKERS =
      new ConfigResource(ConfigResource.Type.BROKER, "");

  @TempDir Path directory;

  @SuppressWarnings("NullAway.Init") // by start
  private BrokerServer server;

  @SuppressWarnings("NullAway.Init") // by start
  private Admin admin;

  @BeforeEach
  void start() throws Exception {
    startServer(Map.of());
  }

  private void startServer(Map<String, String> settings) throws Exception {
    Host host = new JdkHost((task, failure) -> {});
    Map<String, String> all = new TreeMap<>(settings);
    all.put("listeners", "PLAINTEXT://127.0.0.1:0");
    all.put("log.dir", directory.toString());
    ServerProperties.Builder builder = ServerProperties.builder();
    all.forEach((name, value) -> builder.put(name, value, "test"));
    server =
        new BrokerServer(
            host, BrokerConfig.of(builder.build(), new Machine(() -> "localhost", 64 << 20)));
    server.start();
    Properties properties = new Properties();
    properties.put("bootstrap.servers", server.endpoints().getFirst().toString());
    admin = Admin.create(properties);
  }

  @AfterEach
  void stop() throws Exception {
    admin.close();
    server.stop();
  }

  private static <T> T get(KafkaFuture<T> future) throws Exception {
    return future.get();
  }

  private static void assertFails(KafkaFuture<?> future, Class<? extends Throwable> cause) {
    assertThatThrownBy(future::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(cause);
  }

  private CreateTopicsResult create(NewTopic... topics) {
    return admin.createTopics(Arrays.asList(topics));
  }

  private static ConfigEntry entry(Map<String, ConfigEntry> entries, String name) {
    return Objects.requireNonNull(entries.get(name), name);
  }

  private static KafkaFuture<Void> future(Map<String, KafkaFuture<Void>> futures, String name) {
    return Objects.requireNonNull(futures.get(name), name);
  }

  private int partitionCount(String name) throws Exception {
    Map<String, TopicDescription> topics = get(admin.describeTopics(List.of(name)).allTopicNames());
    return Objects.requireNonNull(topics.get(name)).partitions().size();
  }

  private static ConfigResource topic(String name) {
    return new ConfigResource(ConfigResource.Type.TOPIC, name);
  }

  private Map<String, ConfigEntry> describe(ConfigResource resource) throws Exception {
    KafkaFuture<Config> described =
        Objects.requireNonNull(
            admin
                .describeConfigs(
                    List.of(resource),
                    new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true))
                .values()
                .get(resource));
    Config config = get(described);
    return config.entries().stream().collect(Collectors.toMap(ConfigEntry::name, entry -> entry));
  }

  private KafkaFuture<Void> alter(ConfigResource resource, OpType type, String name, String value) {
    Collection<AlterConfigOp> ops = List.of(new AlterConfigOp(new ConfigEntry(name, value), type));
    return admin.incrementalAlterConfigs(Map.of(resource, ops)).all();
  }

  @Test
  void topicsAreCreatedAsAskedAndAnsweredInFull() throws Exception {
    NewTopic wanted =
        new NewTopic("t", Optional.of(3), Optional.empty()).configs(Map.of("retention.ms", "1234"));
    CreateTopicsResult result = create(wanted, new NewTopic("t/2", 1, (short) 1));
    get(future(result.values(), "t"));
    assertThat(get(result.numPartitions("t"))).isEqualTo(3);
    assertThat(get(result.replicationFactor("t"))).isEqualTo(1);
    assertThat(get(result.topicId("t"))).isNotEqualTo(Uuid.ZERO_UUID);
    Config config = get(result.config("t"));
    assertThat(config.get("retention.ms").value()).isEqualTo("1234");
    assertThat(config.get("retention.ms").source()).isEqualTo(ConfigSource.DYNAMIC_TOPIC_CONFIG);
    assertThat(config.get("cleanup.policy").value()).isEqualTo("delete");
    assertFails(future(result.values(), "t/2"), InvalidTopicException.class);
    assertFails(future(create(wanted).values(), "t"), TopicExistsException.class);
    assertThat(partitionCount("t")).isEqualTo(3);
  }

  @Test
  void nothingIsCreatedWhenOnlyValidating() throws Exception {
    CreateTopicsResult result =
        admin.createTopics(
            List.of(new NewTopic("t", 2, (short) 1)), new CreateTopicsOptions().validateOnly(true));
    get(result.all());
    assertThat(get(result.numPartitions("t"))).isEqualTo(2);
    assertThat(get(admin.listTopics().names())).isEmpty();
  }

  /// RELIABILITY.md §5, rows 16 and 35.
  @Test
  void topicsThatCannotBeAreRefusedOneByOne() throws Exception {
    CreateTopicsResult result =
        create(
            new NewTopic("ok", 1, (short) 1),
            new NewTopic("many", 1_000_000, (short) 1),
            new NewTopic("none", 0, (short) 1),
            new NewTopic("rf0", 1, (short) 0),
            new NewTopic("rf2", 1, (short) -2),
            new NewTopic("rf3", 1, (short) 3),
            new NewTopic("..", 1, (short) 1),
            new NewTopic("a\0b", 1, (short) 1),
            new NewTopic("cfg", 1, (short) 1).configs(Map.of("segment.bytes", "x")),
            new NewTopic("cfg2", 1, (short) 1).configs(Map.of("no.such.thing", "1")));
    Map<String, KafkaFuture<Void>> values = result.values();
    get(future(values, "ok"));
    assertFails(future(values, "many"), InvalidPartitionsException.class);
    assertFails(future(values, "none"), InvalidPartitionsException.class);
    assertFails(future(values, "rf0"), InvalidReplicationFactorException.class);
    assertFails(future(values, "rf2"), InvalidReplicationFactorException.class);
    assertFails(future(values, "rf3"), InvalidReplicationFactorException.class);
    assertFails(future(values, ".."), InvalidTopicException.class);
    assertFails(future(values, "a\0b"), InvalidTopicException.class);
    assertFails(future(values, "cfg"), InvalidConfigurationException.class);
    assertFails(future(values, "cfg2"), InvalidConfigurationException.class);
    assertThat(get(admin.listTopics().names())).containsExactly("ok");
  }

  @Test
  void topicsAreDeletedByNameAndById() throws Exception {
    CreateTopicsResult result =
        create(new NewTopic("a", 1, (short) 1), new NewTopic("b", 1, (short) 1));
    Uuid id = get(result.topicId("b"));
    get(admin.deleteTopics(List.of("a")).all());
    get(admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all());
    assertThat(get(admin.listTopics().names())).isEmpty();
    assertFails(admin.deleteTopics(List.of("a")).all(), UnknownTopicOrPartitionException.class);
    assertFails(
        admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all(),
        UnknownTopicIdException.class);
    get(create(new NewTopic("a", 1, (short) 1)).all());
  }

  @Test
  void partitionsAreAdded() throws Exception {
    get(create(new NewTopic("t", 1, (short) 1)).all());
    get(admin.createPartitions(Map.of("t", NewPartitions.increaseTo(4))).all());
    assertThat(partitionCount("t")).isEqualTo(4);
    assertFails(
        admin.createPartitions(Map.of("t", NewPartitions.increaseTo(4))).all(),
        InvalidPartitionsException.class);
    assertFails(
        admin.createPartitions(Map.of("u", NewPartitions.increaseTo(4))).all(),
        UnknownTopicOrPartitionException.class);
  }

  @Test
  void settingsOfTopicsShowWhereTheyComeFrom() throws Exception {
    get(create(new NewTopic("t", 1, (short) 1)).all());
    Map<String, ConfigEntry> before = describe(topic("t"));
    assertThat(before).doesNotContainKey("internal.segment.bytes").containsKey("durability");
    ConfigEntry segment = entry(before, "segment.bytes");
    assertThat(segment.value()).isEqualTo("1073741824");
    assertThat(segment.source()).isEqualTo(ConfigSource.DEFAULT_CONFIG);
    assertThat(segment.type()).isEqualTo(ConfigEntry.ConfigType.INT);
    assertThat(segment.documentation()).isNotEmpty();
    assertThat(segment.isReadOnly()).isFalse();

    get(alter(ALL_BROKERS, OpType.SET, "log.segment.bytes", "3000000"));
    get(alter(BROKER, OpType.SET, "log.segment.bytes", "2000000"));
    get(alter(topic("t"), OpType.SET, "segment.bytes", "1500000"));
    ConfigEntry changed = entry(describe(topic("t")), "segment.bytes");
    assertThat(changed.value()).isEqualTo("1500000");
    assertThat(changed.synonyms().stream().map(each -> each.source() + ":" + each.value()))
        .containsExactly(
            "DYNAMIC_TOPIC_CONFIG:1500000",
            "DYNAMIC_BROKER_CONFIG:2000000",
            "DYNAMIC_DEFAULT_BROKER_CONFIG:3000000",
            "DEFAULT_CONFIG:1073741824");
    get(alter(topic("t"), OpType.DELETE, "segment.bytes", ""));
    ConfigEntry brokers = entry(describe(topic("t")), "segment.bytes");
    assertThat(brokers.value()).isEqualTo("2000000");
    assertThat(brokers.source()).isEqualTo(ConfigSource.DYNAMIC_BROKER_CONFIG);

    assertFails(
        admin.describeConfigs(List.of(topic("nope"))).all(),
        UnknownTopicOrPartitionException.class);
  }

  @Test
  void settingsOfTheBrokerAreDescribed() throws Exception {
    admin.close();
    server.stop();
    startServer(
        Map.of("num.partitions", "4", "ssl.key.password", "hidden", "log.retention.hours", "24"));
    Map<String, ConfigEntry> entries = describe(BROKER);
    ConfigEntry partitions = entry(entries, "num.partitions");
    assertThat(partitions.value()).isEqualTo("4");
    assertThat(partitions.source()).isEqualTo(ConfigSource.STATIC_BROKER_CONFIG);
    assertThat(partitions.isReadOnly()).isTrue();
    ConfigEntry password = entry(entries, "ssl.key.password");
    assertThat(password.value()).isNull();
    assertThat(password.isSensitive()).isTrue();
    assertThat(password.synonyms()).allMatch(each -> each.value() == null);
    assertThat(entry(entries, "log.cleaner.threads").isReadOnly()).isFalse();
    assertThat(entries)
        .containsKey("log.durability")
        .doesNotContainKey("unstable.api.versions.enable");
    assertThat(describe(ALL_BROKERS)).isEmpty();
    get(create(new NewTopic("t", 1, (short) 1)).all());
    assertThat(entry(describe(topic("t")), "retention.ms").value()).isEqualTo("86400000");
    get(alter(ALL_BROKERS, OpType.SET, "max.connections", "77"));
    assertThat(entry(describe(ALL_BROKERS), "max.connections").value()).isEqualTo("77");
    assertThat(entry(describe(BROKER), "max.connections").source())
        .isEqualTo(ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG);
    ConfigResource logger = new ConfigResource(ConfigResource.Type.BROKER_LOGGER, "1");
    assertThat(describe(logger)).containsKey("root");
  }

  @Test
  void settingsSurviveARestart() throws Exception {
    get(create(new NewTopic("t", 2, (short) 1)).all());
    get(alter(topic("t"), OpType.SET, "retention.ms", "5000"));
    get(alter(topic("t"), OpType.APPEND, "cleanup.policy", "compact"));
    admin.close();
    server.stop();
    startServer(Map.of());
    Map<String, ConfigEntry> entries = describe(topic("t"));
    assertThat(entry(entries, "retention.ms").value()).isEqualTo("5000");
    assertThat(entry(entries, "cleanup.policy").value()).isEqualTo("delete,compact");
  }

  /// RELIABILITY.md §5, row 36.
  @Test
  void settingsThatClientsMustNotMakeAreRefused() {
    assertFails(alter(BROKER, OpType.SET, "num.partitions", "3"), InvalidRequestException.class);
    assertFails(
        alter(BROKER, OpType.SET, "metric.reporters", "com.example.Evil"),
        InvalidConfigurationException.class);
    assertFails(
        alter(
            BROKER,
            OpType.SET,
            "listener.name.plaintext.plain.sasl.jaas.config",
            "com.sun.security.auth.module.JndiLoginModule required;"),
        InvalidConfigurationException.class);
    assertFails(
        alter(BROKER, OpType.SET, "sasl.oauthbearer.token.endpoint.url", "file:///etc/passwd"),
        InvalidRequestException.class);
    assertFails(
        alter(BROKER, OpType.SET, "no.such.setting", "1"), InvalidConfigurationException.class);
    assertFails(
        alter(
            new ConfigResource(ConfigResource.Type.BROKER_LOGGER, "1"), OpType.SET, "root", "INFO"),
        InvalidRequestException.class);
  }

  @Test
  void groupsAndClientMetricsHaveSettingsToo() throws Exception {
    ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "g");
    ConfigResource metrics = new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "m");
    get(alter(group, OpType.SET, "consumer.session.timeout.ms", "50000"));
    get(alter(metrics, OpType.SET, "interval.ms", "1000"));
    assertThat(entry(describe(group), "consumer.session.timeout.ms").source())
        .isEqualTo(ConfigSource.DYNAMIC_GROUP_CONFIG);
    assertThat(entry(describe(group), "consumer.heartbeat.interval.ms").value()).isEqualTo("5000");
    assertThat(entry(describe(metrics), "interval.ms").source())
        .isEqualTo(ConfigSource.DYNAMIC_CLIENT_METRICS_CONFIG);
    get(create(new NewTopic("t", 1, (short) 1)).all());
    Set<String> resources =
        get(admin.listConfigResources().all()).stream()
            .map(each -> each.type() + ":" + each.name())
            .collect(Collectors.toSet());
    assertThat(resources)
        .containsExactlyInAnyOrder(
            "GROUP:g", "CLIENT_METRICS:m", "TOPIC:t", "BROKER:1", "BROKER_LOGGER:1");
    assertFails(alter(group, OpType.SET, "retention.ms", "1"), InvalidConfigurationException.class);
  }

  @Test
  void limitsOfConnectionsChangeWhileRunning() throws Exception {
    get(create(new NewTopic("t", 1, (short) 1)).all());
    get(alter(ALL_BROKERS, OpType.SET, "max.connections", "1"));
    assertThat(isLetIn()).isFalse();
    get(alter(ALL_BROKERS, OpType.DELETE, "max.connections", ""));
    assertThat(isLetIn()).isTrue();
  }

  /// Whether a new connection is answered: with the versions of the APIs.
  private boolean isLetIn() throws Exception {
    Net.Endpoint address = server.endpoints().getFirst();
    try (Socket socket = new Socket(address.host(), address.port())) {
      byte[] apiVersions = {0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, -1, -1};
      socket.getOutputStream().write(apiVersions);
      return socket.getInputStream().read() >= 0;
    } catch (SocketException e) {
      return false;
    }
  }
}
