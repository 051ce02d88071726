package io.millrace.coordinator;

import io.millrace.host.Host;
import io.millrace.host.Tasks;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ImageDelta;
import io.millrace.metadata.ImageListener;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.replication.Partition;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The machines of all partitions of an internal topic that this node leads.
///
/// What a coordinator is asked for has a key, a group id or a transactional id, which says by its
/// hash to which partition it belongs.
public final class Coordinator<M extends Machine> implements Closeable, ImageListener {
  private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);

  private final Host host;
  private final String topic;
  private final RecordSchemas schemas;
  private final Supplier<ClusterImage> image;
  private final MachineFactory<M> factory;
  private final TimerQueue timers;
  private final ConcurrentSkipListMap<Integer, Shard<M>> shards = new ConcurrentSkipListMap<>();
  private Tasks.@Nullable Task timerTask;

  public Coordinator(
      Host host,
      String topic,
      RecordSchemas schemas,
      Supplier<ClusterImage> image,
      MachineFactory<M> factory) {
    this.host = host;
    this.topic = topic;
    this.schemas = schemas;
    this.image = image;
    this.factory = factory;
    this.timers = new TimerQueue(host.clock());
  }

  /// The internal topic.
  public String topic() {
    return topic;
  }

  /// Begins to let timers fire.
  public void start() {
    timerTask = host.tasks().start("timers-" + topic, this::runTimers);
  }

  private void runTimers() throws InterruptedException {
    while (true) {
      timers.takeDue().fire();
    }
  }

  /// This node leads a partition of the topic: its state is loaded, in the background.
  public void lead(Partition partition) {
    Shard<M> shard = new Shard<>(host, partition, schemas, timers, factory);
    Shard<M> before = shards.put(partition.name().partition(), shard);
    if (before != null) {
      before.close();
    }
    shard.start();
  }

  /// This node does not lead a partition any more; nothing happens if it did not.
  public void resign(int partition) {
    Shard<M> shard = shards.remove(partition);
    if (shard != null) {
      shard.close();
    }
  }

  /// The partition that `key` belongs to, by Kafka's rule.
  ///
  /// Throws [CoordinatorException] with `COORDINATOR_NOT_AVAILABLE` if the topic does not exist.
  public int partitionFor(String key) throws CoordinatorException {
    int count =
        image
            .get()
            .topic(topic)
            .map(found -> found.partitions().size())
            .orElseThrow(
                () ->
                    new CoordinatorException(
                        ErrorCode.COORDINATOR_NOT_AVAILABLE,
                        "there is no topic " + topic + " yet"));
    int hash = key.hashCode();
    return (hash == Integer.MIN_VALUE ? 0 : Math.abs(hash)) % count;
  }

  /// Has a command decided that is about `key`. Waits only if much waits to be committed.
  ///
  /// Throws [CoordinatorException] if that partition is not led here, is being loaded or has
  /// failed.
  public <A> Answer<A> submit(String key, Command<M, A> command)
      throws CoordinatorException, InterruptedException {
    return submitTo(partitionFor(key), command);
  }

  /// As [#submit], for a partition.
  public <A> Answer<A> submitTo(int partition, Command<M, A> command)
      throws CoordinatorException, InterruptedException {
    Shard<M> shard = shards.get(partition);
    if (shard == null) {
      throw new CoordinatorException(
          ErrorCode.NOT_COORDINATOR, topic + "-" + partition + " is not led by this broker");
    }
    return shard.submit(command);
  }

  /// Has a command decided by every partition that is led here, in the order of their numbers.
  public <A> List<Answer<A>> submitToAll(Command<M, A> command)
      throws CoordinatorException, InterruptedException {
    List<Answer<A>> answers = new ArrayList<>();
    for (Shard<M> shard : shards.values()) {
      answers.add(shard.submit(command));
    }
    return answers;
  }

  @Override
  public void onImage(ImageDelta delta) {
    for (Shard<M> shard : shards.values()) {
      try {
        shard.decide((machine, now) -> machine.onMetadata(delta, now));
      } catch (CoordinatorException e) {
        // One that is being loaded looks at the metadata when it begins.
        LOG.debug("{} is not told of a change of the metadata: {}", topic, e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    if (timerTask != null) {
      timerTask.cancel();
    }
    shards.values().forEach(Shard::close);
    shards.clear();
  }
}
