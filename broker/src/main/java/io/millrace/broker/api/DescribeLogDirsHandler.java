package io.millrace.broker.api;

import io.millrace.host.Disk;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeLogDirsRequest;
import io.millrace.protocol.message.DescribeLogDirsResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.replication.Partition;
import io.millrace.replication.Partitions;
import io.millrace.storage.LogDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Tells the size of each partition in each log directory, and what room the directories have.
///
/// Versions: 1 is the oldest; 3 adds a top-level error; 4 the total and usable bytes (KIP-827); 5
/// whether a directory is cordoned (KIP-1066).
public final class DescribeLogDirsHandler implements ApiHandler<DescribeLogDirsRequest> {
  private final LogDirectory directory;
  private final Partitions partitions;
  private final Disk disk;

  public DescribeLogDirsHandler(LogDirectory directory, Partitions partitions, Disk disk) {
    this.directory = directory;
    this.partitions = partitions;
    this.disk = disk;
  }

  @Override
  public ApiKey api() {
    return ApiKey.DESCRIBE_LOG_DIRS;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return version >= 3
        ? Optional.of(DescribeLogDirsResponse.builder().errorCode(error.code()).build())
        : Optional.empty();
  }

  @Override
  public Reply handle(DescribeLogDirsRequest request, RequestContext context) throws IOException {
    DescribeLogDirsResponse.DescribeLogDirsResult.Builder result =
        DescribeLogDirsResponse.DescribeLogDirsResult.builder()
            .logDir(directory.path().toString())
            .topics(topics(request));
    if (directory.isFailed()) {
      result.errorCode(ErrorCode.KAFKA_STORAGE_ERROR.code());
    } else {
      Disk.Space space = disk.space(directory.path());
      result.totalBytes(space.totalBytes()).usableBytes(space.usableBytes());
    }
    return new Reply.Now(
        DescribeLogDirsResponse.builder().results(List.of(result.build())).build());
  }

  private List<DescribeLogDirsResponse.DescribeLogDirsTopic> topics(
      DescribeLogDirsRequest request) {
    Map<String, List<DescribeLogDirsResponse.DescribeLogDirsPartition>> byTopic = new TreeMap<>();
    for (Partition partition : wanted(request)) {
      byTopic
          .computeIfAbsent(partition.name().topic(), _ -> new ArrayList<>())
          .add(
              DescribeLogDirsResponse.DescribeLogDirsPartition.builder()
                  .partitionIndex(partition.name().partition())
                  .partitionSize(partition.log().sizeInBytes())
                  .build());
    }
    List<DescribeLogDirsResponse.DescribeLogDirsTopic> topics = new ArrayList<>();
    byTopic.forEach(
        (name, described) ->
            topics.add(
                DescribeLogDirsResponse.DescribeLogDirsTopic.builder()
                    .name(name)
                    .partitions(described)
                    .build()));
    return topics;
  }

  /// Null asks for all partitions; those asked for that are not here are left out.
  private List<Partition> wanted(DescribeLogDirsRequest request) {
    List<Partition> all = partitions.all();
    if (request.topics() == null) {
      return all;
    }
    Set<TopicPartition> names = new HashSet<>();
    for (DescribeLogDirsRequest.DescribableLogDirTopic topic : request.topics()) {
      topic.partitions().forEach(index -> names.add(new TopicPartition(topic.topic(), index)));
    }
    return all.stream().filter(partition -> names.contains(partition.name())).toList();
  }
}
