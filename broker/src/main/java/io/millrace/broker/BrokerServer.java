package io.millrace.broker;

import io.millrace.broker.api.AlterConfigsHandler;
import io.millrace.broker.api.ApiHandler;
import io.millrace.broker.api.ApiRegistry;
import io.millrace.broker.api.ApiVersionsHandler;
import io.millrace.broker.api.AutomaticTopics;
import io.millrace.broker.api.ConfigDescriber;
import io.millrace.broker.api.CreatePartitionsHandler;
import io.millrace.broker.api.CreateTopicsHandler;
import io.millrace.broker.api.DeleteRecordsHandler;
import io.millrace.broker.api.DeleteTopicsHandler;
import io.millrace.broker.api.DescribeClusterHandler;
import io.millrace.broker.api.DescribeConfigsHandler;
import io.millrace.broker.api.DescribeLogDirsHandler;
import io.millrace.broker.api.DescribeProducersHandler;
import io.millrace.broker.api.DescribeTopicPartitionsHandler;
import io.millrace.broker.api.FetchHandler;
import io.millrace.broker.api.FindCoordinatorHandler;
import io.millrace.broker.api.GroupHandlers;
import io.millrace.broker.api.IncrementalAlterConfigsHandler;
import io.millrace.broker.api.ListConfigResourcesHandler;
import io.millrace.broker.api.ListOffsetsHandler;
import io.millrace.broker.api.MetadataHandler;
import io.millrace.broker.api.OffsetForLeaderEpochHandler;
import io.millrace.broker.api.ProduceHandler;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.Listener;
import io.millrace.broker.config.NetworkConfig;
import io.millrace.broker.net.ConnectionLimits;
import io.millrace.broker.net.RequestMemory;
import io.millrace.broker.net.SocketServer;
import io.millrace.host.Deadline;
import io.millrace.host.Host;
import io.millrace.host.Net;
import io.millrace.metadata.Broker;
import io.millrace.metadata.Command;
import io.millrace.metadata.CommandFailedException;
import io.millrace.metadata.ConfigResource;
import io.millrace.metadata.Controller;
import io.millrace.metadata.ControllerRuntime;
import io.millrace.metadata.ImageDelta;
import io.millrace.metadata.LocalMetadataLog;
import io.millrace.metadata.config.Config;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.replication.FetchSessions;
import io.millrace.replication.Partition;
import io.millrace.replication.Partitions;
import io.millrace.storage.LogDirectory;
import io.millrace.storage.LogDirectoryOptions;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A broker: the one place where its parts are made and put together.
///
/// [#start] and [#stop] are called by one task, in this order, once.
public final class BrokerServer {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerServer.class);

  /// How long a client may take to accept a response, or a request that began to arrive may rest.
  private static final Duration STALL = Duration.ofSeconds(30);

  private static final short PLAINTEXT = 0;

  private final Host host;
  private final BrokerConfig config;
  private final Partitions partitions = new Partitions();
  private final List<Net.Endpoint> endpoints = new ArrayList<>();

  /// What [#stop] closes, the last started first.
  private final ArrayDeque<Closeable> started = new ArrayDeque<>();

  private @Nullable SocketServer sockets;
  private @Nullable Coordinators coordinators;

  public BrokerServer(Host host, BrokerConfig config) {
    this.host = host;
    this.config = config;
  }

  /// Returns when clients are served.
  ///
  /// Throws `IOException` with one line for people if the data directory or an address cannot be
  /// used; everything that was opened is closed then.
  public void start() throws IOException, InterruptedException {
    try {
      startParts();
    } catch (IOException | RuntimeException e) {
      try {
        stop();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /// The addresses that clients are told, one per listener.
  public List<Net.Endpoint> endpoints() {
    return List.copyOf(endpoints);
  }

  /// The partitions that are led here.
  Partitions partitions() {
    return partitions;
  }

  /// Stops serving, and makes the data durable and quick to open again.
  public void stop() throws IOException, InterruptedException {
    if (sockets != null) {
      sockets.stop();
    }
    partitions.all().forEach(Partition::close);
    while (!started.isEmpty()) {
      started.pop().close();
    }
  }

  /// For tests that move coordinators.
  Coordinators coordinators() {
    return Objects.requireNonNull(coordinators);
  }

  private void startParts() throws IOException, InterruptedException {
    LogDirectory directory = openDirectory();
    SocketServer server = bind();
    sockets = server;
    BrokerSettings settings = new BrokerSettings(config.node().id(), config.settings());
    LocalMetadataLog log =
        new LocalMetadataLog(host, directory.path(), config.storage().metadataSnapshotBytes());
    ControllerRuntime controller =
        new ControllerRuntime(host, log, new Controller(config.settings()));
    Coordinators coordinators =
        new Coordinators(
            host, settings, controller::image, new PartitionLocator(partitions, controller::image));
    this.coordinators = coordinators;
    controller.addListener(
        new LocalPartitions(
            config.node().id(), host.clock(), directory, partitions, settings, coordinators));
    controller.addListener(coordinators);
    controller.addListener(delta -> limitConnections(server, settings, delta));
    started.push(controller);
    started.push(coordinators);
    coordinators.start();
    controller.start();
    long brokerEpoch = register(controller, directory);
    directory.setAsideStrays(name -> isKnown(controller, name));
    FetchSessions sessions = newSessions(controller);
    started.push(sessions::closeAll);
    List<String> names = config.network().listeners().stream().map(Listener::name).toList();
    server.serve(
        names, registry(directory, controller, sessions, settings, coordinators, brokerEpoch));
  }

  /// Follows the settings of connections that may change while the broker runs.
  private static void limitConnections(
      SocketServer server, BrokerSettings settings, ImageDelta delta) {
    boolean isConcerned =
        delta.changedConfigs().stream()
            .anyMatch(resource -> resource.type() == ConfigResource.Type.BROKER);
    if (isConcerned) {
      Config now = settings.effective(delta.after());
      server.limitConnections(
          now.intValue("max.connections"), now.intValue("max.connections.per.ip"));
    }
  }

  private LogDirectory openDirectory() throws IOException {
    LogDirectoryOptions options =
        LogDirectoryOptions.of(config.node().id(), Optional.empty())
            .withRetentionCheckInterval(
                Duration.ofMillis(config.storage().retentionCheckIntervalMs()))
            .withProducerExpiration(Duration.ofMillis(config.storage().producerIdExpirationMs()));
    LogDirectory directory = LogDirectory.open(host, config.storage().directory(), options);
    started.push(directory);
    directory.onFailure(
        () ->
            LOG.error(
                "{} failed: nothing is written to it until the broker is started again. Check the"
                    + " disk first",
                directory.path()));
    return directory;
  }

  private SocketServer bind() throws IOException {
    NetworkConfig network = config.network();
    SocketServer server =
        new SocketServer(
            host,
            new ConnectionLimits(
                network.requests().maxBytes(),
                network.connections().max(),
                network.connections().maxPerAddress(),
                maxIdle(network.connections().maxIdleMs()),
                STALL),
            new RequestMemory(network.requests().queuedMaxBytes()));
    for (Listener listener : network.listeners()) {
      Net.Endpoint bound = server.bind(listener.bind());
      endpoints.add(listener.advertisedAt(bound.port()));
    }
    return server;
  }

  private static Duration maxIdle(long ms) {
    return ms < 0 ? Duration.ofDays(10_000) : Duration.ofMillis(ms);
  }

  /// Makes this broker known to the cluster; its epoch.
  private long register(ControllerRuntime controller, LogDirectory directory)
      throws IOException, InterruptedException {
    List<Broker.Endpoint> addresses = new ArrayList<>();
    for (int i = 0; i < endpoints.size(); i++) {
      Net.Endpoint endpoint = endpoints.get(i);
      String name = config.network().listeners().get(i).name();
      addresses.add(new Broker.Endpoint(name, endpoint.host(), endpoint.port(), PLAINTEXT));
    }
    Uuid incarnation = new Uuid(host.entropy().nextLong(), host.entropy().nextLong());
    try {
      controller.submit(new Command.FinalizeFeatures(Features.initialLevels()), Deadline.NEVER);
      Command.Registration registration =
          controller.submit(
              new Command.RegisterBroker(
                  config.node().id(),
                  incarnation,
                  addresses,
                  config.node().rack(),
                  List.of(directory.directoryId())),
              Deadline.NEVER);
      if (!registration.outcome().isDone()) {
        throw new IOException(
            "cannot register broker "
                + config.node().id()
                + ": "
                + registration.outcome().message());
      }
      return registration.brokerEpoch();
    } catch (CommandFailedException e) {
      throw new IOException("cannot register the broker: " + e.getMessage(), e);
    }
  }

  private static boolean isKnown(ControllerRuntime controller, TopicPartition name) {
    return name.equals(LocalMetadataLog.PARTITION)
        || controller
            .image()
            .topic(name.topic())
            .filter(topic -> topic.partition(name.partition()) != null)
            .isPresent();
  }

  private FetchSessions newSessions(ControllerRuntime controller) {
    PartitionLocator locator = new PartitionLocator(partitions, controller::image);
    return new FetchSessions(host, config.fetch().maxSessions(), partitions, locator::whyMissing);
  }

  private ApiRegistry registry(
      LogDirectory directory,
      ControllerRuntime controller,
      FetchSessions sessions,
      BrokerSettings settings,
      Coordinators coordinators,
      long brokerEpoch) {
    PartitionLocator locator = new PartitionLocator(partitions, controller::image);
    AutomaticTopics topics = new ControllerTopics(controller, config.topics(), host.clock());
    String clusterId = directory.clusterId();
    int nodeId = config.node().id();
    List<ApiHandler<?>> handlers = new ArrayList<>();
    Transactions transactions = coordinators.transactions();
    handlers.add(new ProduceHandler(locator, host.clock(), transactions.produceVerification()));
    handlers.add(new FetchHandler(sessions, host.clock(), config.fetch().maxBytes()));
    handlers.add(new ListOffsetsHandler(locator));
    handlers.add(new OffsetForLeaderEpochHandler(locator));
    handlers.add(new DeleteRecordsHandler(locator));
    handlers.add(new MetadataHandler(clusterId, controller::image, topics));
    handlers.add(
        new DescribeTopicPartitionsHandler(
            controller::image, config.settings().intValue("max.request.partition.size.limit")));
    handlers.add(new DescribeClusterHandler(clusterId, controller::image));
    handlers.add(new DescribeProducersHandler(locator));
    handlers.add(new DescribeLogDirsHandler(directory, partitions, host.disk()));
    ProducerIds producerIds = producerIds(controller, nodeId, brokerEpoch);
    transactions.use(producerIds);
    StateTopics stateTopics = new StateTopics(controller, config.settings(), host.clock());
    handlers.addAll(transactions.handlers(producerIds, stateTopics));
    handlers.add(
        new FindCoordinatorHandler(
            controller::image, stateTopics, coordinators.groups(), transactions.coordinator()));
    handlers.addAll(
        GroupHandlers.handlers(coordinators.groups(), host.entropy(), transactions.verification()));
    handlers.addAll(adminHandlers(controller, settings));
    List<ApiKey> apis = new ArrayList<>(List.of(ApiKey.API_VERSIONS));
    handlers.forEach(handler -> apis.add(handler.api()));
    handlers.add(
        new ApiVersionsHandler(clusterId, nodeId, apis, () -> Features.levels(controller.image())));
    return new ApiRegistry(handlers);
  }

  private List<ApiHandler<?>> adminHandlers(ControllerRuntime controller, BrokerSettings settings) {
    ConfigDescriber describer = new ConfigDescriber(settings);
    return List.of(
        new CreateTopicsHandler(controller, host.clock(), describer),
        new DeleteTopicsHandler(controller, host.clock()),
        new CreatePartitionsHandler(controller, host.clock()),
        new DescribeConfigsHandler(controller::image, describer),
        new AlterConfigsHandler(controller, host.clock()),
        new IncrementalAlterConfigsHandler(controller, host.clock()),
        new ListConfigResourcesHandler(controller::image));
  }

  private static ProducerIds producerIds(
      ControllerRuntime controller, int nodeId, long brokerEpoch) {
    return new ProducerIds(
        () -> {
          try {
            Command.ProducerIdBlock block =
                controller.submit(
                    new Command.AllocateProducerIds(nodeId, brokerEpoch), Deadline.NEVER);
            return block.outcome().isDone()
                ? new ProducerIds.Reserved.Block(block.first(), block.count())
                : new ProducerIds.Reserved.Failed(block.outcome().error());
          } catch (CommandFailedException e) {
            // The client's code for "ask again soon".
            LOG.warn("Cannot reserve producer ids: {}", e.getMessage());
            return new ProducerIds.Reserved.Failed(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
          }
        });
  }
}
