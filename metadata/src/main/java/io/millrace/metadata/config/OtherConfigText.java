package io.millrace.metadata.config;

/// The tables of the settings of groups and of subscriptions to client metrics, with the names,
/// types and defaults of Kafka 4.4; [ConfigTable] explains the columns.
final class OtherConfigText {
  static final String GROUP =
      """
      consumer.assignment.interval.ms | INT | 1000 | >= 0 | = group.consumer.assignment.interval.ms | Setting of a group.
      consumer.assignor.offload.enable | BOOLEAN | true | any | internal = group.consumer.assignor.offload.enable | Setting of a group.
      consumer.heartbeat.interval.ms | INT | 5000 | >= 1 | = group.consumer.heartbeat.interval.ms | Setting of a group.
      consumer.session.timeout.ms | INT | 45000 | >= 1 | = group.consumer.session.timeout.ms | Setting of a group.
      errors.deadletterqueue.copy.record.enable | BOOLEAN | false | any |  | Setting of a group.
      errors.deadletterqueue.topic.name | STRING | "" | any |  | Setting of a group.
      share.assignment.interval.ms | INT | 1000 | >= 0 | = group.share.assignment.interval.ms | Setting of a group.
      share.assignor.offload.enable | BOOLEAN | true | any | internal = group.share.assignor.offload.enable | Setting of a group.
      share.auto.offset.reset | STRING | latest | offset reset |  | Setting of a group.
      share.delivery.count.limit | INT | 5 | >= 2 | = group.share.delivery.count.limit | Setting of a group.
      share.heartbeat.interval.ms | INT | 5000 | >= 1 | = group.share.heartbeat.interval.ms | Setting of a group.
      share.isolation.level | STRING | read_uncommitted | of read_committed, read_uncommitted |  | Setting of a group.
      share.partition.max.record.locks | INT | 2000 | >= 100 | = group.share.partition.max.record.locks | Setting of a group.
      share.record.lock.duration.ms | INT | 30000 | >= 1000 | = group.share.record.lock.duration.ms | Setting of a group.
      share.renew.acknowledge.enable | BOOLEAN | true | any |  | Setting of a group.
      share.session.timeout.ms | INT | 45000 | >= 1 | = group.share.session.timeout.ms | Setting of a group.
      streams.acceptable.recovery.lag | LONG | 10000 | >= 0 | internal = group.streams.acceptable.recovery.lag | Setting of a group.
      streams.assignment.interval.ms | INT | 1000 | >= 0 | = group.streams.assignment.interval.ms | Setting of a group.
      streams.assignor.name | STRING | - | any |  | Setting of a group.
      streams.assignor.offload.enable | BOOLEAN | true | any | internal = group.streams.assignor.offload.enable | Setting of a group.
      streams.heartbeat.interval.ms | INT | 5000 | >= 1 | = group.streams.heartbeat.interval.ms | Setting of a group.
      streams.initial.rebalance.delay.ms | INT | 3000 | >= 0 | = group.streams.initial.rebalance.delay.ms | Setting of a group.
      streams.num.standby.replicas | INT | 0 | >= 0 | = group.streams.num.standby.replicas | Setting of a group.
      streams.num.warmup.replicas | INT | 2 | >= 0 | internal = group.streams.num.warmup.replicas | Setting of a group.
      streams.rack.aware.assignment.tags | LIST | "" | unique | = group.streams.rack.aware.assignment.tags | Setting of a group.
      streams.session.timeout.ms | INT | 45000 | >= 1 | = group.streams.session.timeout.ms | Setting of a group.
      streams.task.offset.interval.ms | INT | 60000 | >= 1 | internal = group.streams.task.offset.interval.ms | Setting of a group.
      """;

  static final String CLIENT_METRICS =
      """
      interval.ms | INT | 300000 | 100..3600000 |  | How often clients push the metrics that were asked for.
      match | LIST | "" | any |  | Which clients push metrics, as name=pattern pairs.
      metrics | LIST | "" | any |  | Prefixes of the metrics that clients push; '*' is all.
      """;

  private OtherConfigText() {}
}
