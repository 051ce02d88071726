package io.millrace.broker.api;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Partition;
import io.millrace.metadata.Topic;
import io.millrace.metadata.TopicNames;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeTopicPartitionsRequest;
import io.millrace.protocol.message.DescribeTopicPartitionsResponse;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Describes the partitions of topics in pages (KIP-966): in order of names and indexes, from the
/// cursor's partition on, as many as the client and `max.request.partition.size.limit` allow, and
/// then the cursor of the next page.
public final class DescribeTopicPartitionsHandler
    implements ApiHandler<DescribeTopicPartitionsRequest> {
  private final Supplier<ClusterImage> image;
  private final int maxPartitions;

  /// `maxPartitions`: what one response may describe.
  public DescribeTopicPartitionsHandler(Supplier<ClusterImage> image, int maxPartitions) {
    this.image = image;
    this.maxPartitions = maxPartitions;
  }

  @Override
  public ApiKey api() {
    return ApiKey.DESCRIBE_TOPIC_PARTITIONS;
  }

  @Override
  public Reply handle(DescribeTopicPartitionsRequest request, RequestContext context) {
    if (request.cursor() != null && request.cursor().partitionIndex() < 0) {
      return new Reply.Close("its cursor names partition " + request.cursor().partitionIndex());
    }
    int room = Math.clamp(request.responsePartitionLimit(), 1, maxPartitions);
    return new Reply.Now(new Page(image.get(), context.listener(), request, room).fill());
  }

  /// One response in the making.
  private static final class Page {
    private final ClusterImage image;
    private final String listener;
    private final DescribeTopicPartitionsRequest request;
    private final List<DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic>
        topics = new ArrayList<>();
    private int room;

    Page(ClusterImage image, String listener, DescribeTopicPartitionsRequest request, int room) {
      this.image = image;
      this.listener = listener;
      this.request = request;
      this.room = room;
    }

    DescribeTopicPartitionsResponse fill() {
      String firstTopic = request.cursor() == null ? "" : request.cursor().topicName();
      int firstIndex = request.cursor() == null ? 0 : request.cursor().partitionIndex();
      for (String name : names()) {
        if (name.compareTo(firstTopic) < 0) {
          continue;
        }
        if (room == 0) {
          return response(cursor(name, 0));
        }
        int from = name.equals(firstTopic) ? firstIndex : 0;
        Optional<Integer> next = describe(name, from);
        if (next.isPresent()) {
          return response(cursor(name, next.get()));
        }
      }
      return response(null);
    }

    private Collection<String> names() {
      if (request.topics().isEmpty()) {
        return image.topics().keySet();
      }
      TreeSet<String> names = new TreeSet<>();
      request.topics().forEach(topic -> names.add(topic.name()));
      return names;
    }

    /// Adds a topic from a partition on; the index of the first partition that had no room, if any.
    private Optional<Integer> describe(String name, int from) {
      Optional<Topic> topic = image.topic(name);
      if (topic.isEmpty()) {
        topics.add(
            DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic.builder()
                .name(name)
                .errorCode(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code())
                .build());
        return Optional.empty();
      }
      Optional<Integer> next = Optional.empty();
      List<DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition> partitions =
          new ArrayList<>();
      for (Map.Entry<Integer, Partition> entry : topic.get().partitions().entrySet()) {
        if (entry.getKey() < from) {
          continue;
        }
        if (room == 0) {
          next = Optional.of(entry.getKey());
          break;
        }
        partitions.add(describe(entry.getKey(), entry.getValue()));
        room--;
      }
      topics.add(
          DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic.builder()
              .name(name)
              .topicId(topic.get().id())
              .isInternal(TopicNames.isInternal(name))
              .partitions(partitions)
              .topicAuthorizedOperations(AuthorizedOperations.onTopic(true))
              .build());
      return next;
    }

    private DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition describe(
        int index, Partition partition) {
      return DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition.builder()
          .partitionIndex(index)
          .errorCode(Leaders.error(image, partition, listener).code())
          .leaderId(partition.leader())
          .leaderEpoch(partition.leaderEpoch())
          .replicaNodes(partition.replicas())
          .isrNodes(partition.isr())
          .eligibleLeaderReplicas(List.of())
          .lastKnownElr(List.of())
          .offlineReplicas(Leaders.offline(image, partition))
          .build();
    }

    private static DescribeTopicPartitionsResponse.Cursor cursor(String topic, int index) {
      return DescribeTopicPartitionsResponse.Cursor.builder()
          .topicName(topic)
          .partitionIndex(index)
          .build();
    }

    private DescribeTopicPartitionsResponse response(
        DescribeTopicPartitionsResponse.@Nullable Cursor next) {
      return DescribeTopicPartitionsResponse.builder().topics(topics).nextCursor(next).build();
    }
  }
}
