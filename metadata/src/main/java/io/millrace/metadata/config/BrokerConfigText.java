package io.millrace.metadata.config;

/// The table of a broker's settings, with the names, types and defaults of Kafka 4.4; [ConfigTable]
/// explains the columns. It is a constant and no resource because a resource takes longer to open
/// than a broker may take to start.
final class BrokerConfigText {
  static final String BROKER =
      """
      add.partitions.to.txn.retry.backoff.max.ms | INT | 100 | >= 0 |  | Known for compatibility with Kafka.
      add.partitions.to.txn.retry.backoff.ms | INT | 20 | >= 1 |  | Known for compatibility with Kafka.
      advertised.listeners | LIST | - | unique, not empty | used | Addresses that clients are told to connect to, as name://host:port; by default those of listeners.
      alter.config.policy.class.name | CLASS | - | any |  | Known for compatibility with Kafka.
      alter.log.dirs.replication.quota.window.num | INT | 11 | >= 1 |  | Known for compatibility with Kafka.
      alter.log.dirs.replication.quota.window.size.seconds | INT | 1 | >= 1 |  | Known for compatibility with Kafka.
      authorizer.class.name | STRING | "" | any |  | Known for compatibility with Kafka.
      auto.create.topics.enable | BOOLEAN | true | any | used | Whether a topic comes into being when a client asks for one that does not exist.
      auto.leader.rebalance.enable | BOOLEAN | true | any |  | Known for compatibility with Kafka.
      background.threads | INT | 10 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      broker.heartbeat.interval.ms | INT | 2000 | any |  | Known for compatibility with Kafka.
      broker.id | INT | -1 | any | used | Older name of node.id.
      broker.rack | STRING | - | any | used | Rack or zone of this broker; replicas of a partition are spread over racks.
      broker.session.timeout.ms | INT | 9000 | any |  | Known for compatibility with Kafka.
      client.quota.callback.class | CLASS | - | any |  | Known for compatibility with Kafka.
      compression.gzip.level | INT | -1 | 1..9 or -1 | used cluster-wide | Default of the topic setting compression.gzip.level.
      compression.lz4.level | INT | 9 | 1..17 | used cluster-wide | Default of the topic setting compression.lz4.level.
      compression.type | STRING | producer | of uncompressed, zstd, lz4, snappy, gzip, producer | used cluster-wide | Default of the topic setting compression.type.
      compression.zstd.level | INT | 3 | -131072..22 | used cluster-wide | Default of the topic setting compression.zstd.level.
      config.providers | LIST | "" | unique | cluster-wide local-only | Known for compatibility with Kafka.
      connection.failed.authentication.delay.ms | INT | 100 | >= 0 |  | Known for compatibility with Kafka.
      connections.max.idle.ms | LONG | 600000 | any | used | Time without a request after which a connection is closed.
      connections.max.reauth.ms | LONG | 0 | any |  | Known for compatibility with Kafka.
      controlled.shutdown.enable | BOOLEAN | true | any |  | Known for compatibility with Kafka.
      controller.listener.names | LIST | CONTROLLER | unique, not empty |  | Names of the listeners that controllers talk over.
      controller.performance.always.log.threshold.ms | LONG | 2000 | >= 0 | internal | Known for compatibility with Kafka.
      controller.performance.sample.period.ms | LONG | 60000 | >= 100 | internal | Known for compatibility with Kafka.
      controller.quorum.append.linger.ms | INT | 25 | >= 0 |  | Known for compatibility with Kafka.
      controller.quorum.auto.join.enable | BOOLEAN | false | any |  | Known for compatibility with Kafka.
      controller.quorum.bootstrap.servers | LIST | "" | any |  | Known for compatibility with Kafka.
      controller.quorum.election.backoff.max.ms | INT | 1000 | >= 0 |  | Known for compatibility with Kafka.
      controller.quorum.election.timeout.ms | INT | 1000 | >= 0 |  | Known for compatibility with Kafka.
      controller.quorum.fetch.max.bytes | INT | 1048576 | >= 1 |  | Known for compatibility with Kafka.
      controller.quorum.fetch.snapshot.max.bytes | INT | 1048576 | >= 1 |  | Known for compatibility with Kafka.
      controller.quorum.fetch.timeout.ms | INT | 2000 | >= 0 |  | Known for compatibility with Kafka.
      controller.quorum.request.timeout.ms | INT | 2000 | >= 0 |  | Known for compatibility with Kafka.
      controller.quorum.retry.backoff.ms | INT | 20 | >= 0 |  | Known for compatibility with Kafka.
      controller.quorum.voters | LIST | "" | any |  | Known for compatibility with Kafka.
      controller.quota.window.num | INT | 11 | >= 1 |  | Known for compatibility with Kafka.
      controller.quota.window.size.seconds | INT | 1 | >= 1 |  | Known for compatibility with Kafka.
      controller.socket.timeout.ms | INT | 30000 | any |  | Known for compatibility with Kafka.
      cordoned.log.dirs | LIST | "" | unique | per-broker | Known for compatibility with Kafka.
      create.topic.policy.class.name | CLASS | - | any |  | Known for compatibility with Kafka.
      default.replication.factor | INT | 1 | any | used | Replicas of a topic that is created without saying how many.
      delegation.token.expiry.check.interval.ms | LONG | 3600000 | >= 1 |  | Known for compatibility with Kafka.
      delegation.token.expiry.time.ms | LONG | 86400000 | >= 1 |  | Known for compatibility with Kafka.
      delegation.token.max.lifetime.ms | LONG | 604800000 | >= 1 |  | Known for compatibility with Kafka.
      delegation.token.secret.key | PASSWORD | - | any |  | Known for compatibility with Kafka.
      delete.records.purgatory.purge.interval.requests | INT | 1 | any |  | Known for compatibility with Kafka.
      delete.topic.enable | BOOLEAN | true | any | used | Whether topics can be deleted.
      early.start.listeners | LIST | - | unique |  | Known for compatibility with Kafka.
      errors.deadletterqueue.auto.create.topics.enable | BOOLEAN | false | any | cluster-wide | Known for compatibility with Kafka.
      errors.deadletterqueue.topic.name.prefix | STRING | dlq. | any | cluster-wide | Known for compatibility with Kafka.
      fetch.max.bytes | INT | 57671680 | >= 1024 | used | Most bytes that one fetch is answered with.
      fetch.purgatory.purge.interval.requests | INT | 1000 | any |  | Known for compatibility with Kafka.
      follower.fetch.last.tiered.offset.enable | BOOLEAN | false | any | cluster-wide | Known for compatibility with Kafka.
      follower.replication.throttled.rate | LONG | 9223372036854775807 | >= 0 | dynamic-only per-broker | Known for compatibility with Kafka.
      group.consumer.assignment.interval.ms | INT | 1000 | >= 0 | cluster-wide | Known for compatibility with Kafka.
      group.consumer.assignor.offload.enable | BOOLEAN | true | any | internal cluster-wide | Known for compatibility with Kafka.
      group.consumer.assignors | LIST | uniform,range | unique, not empty |  | Known for compatibility with Kafka.
      group.consumer.heartbeat.interval.ms | INT | 5000 | >= 1 |  | Known for compatibility with Kafka.
      group.consumer.max.assignment.interval.ms | INT | 15000 | >= 0 |  | Known for compatibility with Kafka.
      group.consumer.max.heartbeat.interval.ms | INT | 15000 | >= 1 |  | Known for compatibility with Kafka.
      group.consumer.max.session.timeout.ms | INT | 60000 | >= 1 |  | Known for compatibility with Kafka.
      group.consumer.max.size | INT | 2147483647 | >= 1 |  | Known for compatibility with Kafka.
      group.consumer.migration.policy | STRING | bidirectional | any case of DISABLED, DOWNGRADE, UPGRADE, BIDIRECTIONAL |  | Known for compatibility with Kafka.
      group.consumer.min.assignment.interval.ms | INT | 0 | >= 0 |  | Known for compatibility with Kafka.
      group.consumer.min.heartbeat.interval.ms | INT | 5000 | >= 1 |  | Known for compatibility with Kafka.
      group.consumer.min.session.timeout.ms | INT | 45000 | >= 1 |  | Known for compatibility with Kafka.
      group.consumer.regex.refresh.interval.ms | INT | 600000 | >= 10000 | internal | Known for compatibility with Kafka.
      group.consumer.session.timeout.ms | INT | 45000 | >= 1 |  | Known for compatibility with Kafka.
      group.coordinator.append.linger.ms | INT | -1 | >= -1 |  | Known for compatibility with Kafka.
      group.coordinator.background.threads | INT | 2 | >= 1 |  | Known for compatibility with Kafka.
      group.coordinator.cached.buffer.max.bytes | INT | 1048588 | >= 524288 | cluster-wide | Known for compatibility with Kafka.
      group.coordinator.rebalance.protocols | LIST | classic,consumer,streams | some of consumer, classic, share, streams |  | Known for compatibility with Kafka.
      group.coordinator.threads | INT | 4 | >= 1 |  | Known for compatibility with Kafka.
      group.initial.rebalance.delay.ms | INT | 3000 | any |  | Known for compatibility with Kafka.
      group.max.session.timeout.ms | INT | 1800000 | any |  | Known for compatibility with Kafka.
      group.max.size | INT | 2147483647 | >= 1 |  | Known for compatibility with Kafka.
      group.min.session.timeout.ms | INT | 6000 | any |  | Known for compatibility with Kafka.
      group.share.assignment.interval.ms | INT | 1000 | >= 0 | cluster-wide | Known for compatibility with Kafka.
      group.share.assignor.offload.enable | BOOLEAN | true | any | internal cluster-wide | Known for compatibility with Kafka.
      group.share.assignors | LIST | simple | unique, not empty |  | Known for compatibility with Kafka.
      group.share.delivery.count.limit | INT | 5 | 2..10 |  | Known for compatibility with Kafka.
      group.share.dlq.manager.class.name | STRING | org.apache.kafka.server.share.dlq.DefaultShareGroupDLQManager | any | internal | Known for compatibility with Kafka.
      group.share.heartbeat.interval.ms | INT | 5000 | >= 1 |  | Known for compatibility with Kafka.
      group.share.initialize.retry.interval.ms | INT | 30000 | >= 1 | internal | Known for compatibility with Kafka.
      group.share.max.assignment.interval.ms | INT | 15000 | >= 0 |  | Known for compatibility with Kafka.
      group.share.max.delivery.count.limit | INT | 10 | 5..25 |  | Known for compatibility with Kafka.
      group.share.max.heartbeat.interval.ms | INT | 15000 | >= 1 |  | Known for compatibility with Kafka.
      group.share.max.partition.max.record.locks | INT | 4000 | 2000..10000 |  | Known for compatibility with Kafka.
      group.share.max.record.lock.duration.ms | INT | 60000 | 30000..3600000 |  | Known for compatibility with Kafka.
      group.share.max.session.timeout.ms | INT | 60000 | >= 1 |  | Known for compatibility with Kafka.
      group.share.max.share.sessions | INT | 2000 | >= 1 |  | Known for compatibility with Kafka.
      group.share.max.size | INT | 200 | 1..1000 |  | Known for compatibility with Kafka.
      group.share.min.assignment.interval.ms | INT | 0 | >= 0 |  | Known for compatibility with Kafka.
      group.share.min.delivery.count.limit | INT | 2 | 2..5 |  | Known for compatibility with Kafka.
      group.share.min.heartbeat.interval.ms | INT | 5000 | >= 1 |  | Known for compatibility with Kafka.
      group.share.min.partition.max.record.locks | INT | 100 | 100..2000 |  | Known for compatibility with Kafka.
      group.share.min.record.lock.duration.ms | INT | 15000 | 1000..30000 |  | Known for compatibility with Kafka.
      group.share.min.session.timeout.ms | INT | 45000 | >= 1 |  | Known for compatibility with Kafka.
      group.share.partition.max.record.locks | INT | 2000 | 100..10000 |  | Known for compatibility with Kafka.
      group.share.persister.class.name | STRING | org.apache.kafka.server.share.persister.DefaultStatePersister | any | internal | Known for compatibility with Kafka.
      group.share.record.lock.duration.ms | INT | 30000 | 1000..3600000 |  | Known for compatibility with Kafka.
      group.share.session.timeout.ms | INT | 45000 | >= 1 |  | Known for compatibility with Kafka.
      group.streams.acceptable.recovery.lag | LONG | 10000 | >= 0 | internal | Known for compatibility with Kafka.
      group.streams.assignment.interval.ms | INT | 1000 | >= 0 | cluster-wide | Known for compatibility with Kafka.
      group.streams.assignor.offload.enable | BOOLEAN | true | any | internal cluster-wide | Known for compatibility with Kafka.
      group.streams.assignors | LIST | sticky | unique, not empty |  | Known for compatibility with Kafka.
      group.streams.heartbeat.interval.ms | INT | 5000 | >= 1 |  | Known for compatibility with Kafka.
      group.streams.initial.rebalance.delay.ms | INT | 3000 | >= 0 |  | Known for compatibility with Kafka.
      group.streams.max.assignment.interval.ms | INT | 15000 | >= 0 |  | Known for compatibility with Kafka.
      group.streams.max.heartbeat.interval.ms | INT | 15000 | >= 1 |  | Known for compatibility with Kafka.
      group.streams.max.session.timeout.ms | INT | 60000 | >= 1 |  | Known for compatibility with Kafka.
      group.streams.max.size | INT | 2147483647 | >= 1 |  | Known for compatibility with Kafka.
      group.streams.max.standby.replicas | INT | 2 | >= 0 |  | Known for compatibility with Kafka.
      group.streams.max.warmup.replicas | INT | 20 | >= 0 | internal | Known for compatibility with Kafka.
      group.streams.min.assignment.interval.ms | INT | 0 | >= 0 |  | Known for compatibility with Kafka.
      group.streams.min.heartbeat.interval.ms | INT | 5000 | >= 1 |  | Known for compatibility with Kafka.
      group.streams.min.session.timeout.ms | INT | 45000 | >= 1 |  | Known for compatibility with Kafka.
      group.streams.min.task.offset.interval.ms | INT | 15000 | >= 1 | internal | Known for compatibility with Kafka.
      group.streams.num.standby.replicas | INT | 0 | >= 0 |  | Known for compatibility with Kafka.
      group.streams.num.warmup.replicas | INT | 2 | >= 0 | internal | Known for compatibility with Kafka.
      group.streams.rack.aware.assignment.tags | LIST | "" | unique |  | Known for compatibility with Kafka.
      group.streams.session.timeout.ms | INT | 45000 | >= 1 |  | Known for compatibility with Kafka.
      group.streams.task.offset.interval.ms | INT | 60000 | >= 1 | internal | Known for compatibility with Kafka.
      group.streams.topology.description.plugin.class | CLASS | - | any |  | Known for compatibility with Kafka.
      initial.broker.registration.timeout.ms | INT | 60000 | any |  | Known for compatibility with Kafka.
      inter.broker.listener.name | STRING | - | any |  | Known for compatibility with Kafka.
      internal.metadata.delete.delay.millis | LONG | 60000 | any | internal | Known for compatibility with Kafka.
      internal.metadata.log.segment.bytes | INT | - | any | internal | Known for compatibility with Kafka.
      internal.metadata.max.batch.size.in.bytes | INT | 8388608 | any | internal | Known for compatibility with Kafka.
      kafka.metrics.polling.interval.secs | INT | 10 | >= 1 |  | Known for compatibility with Kafka.
      kafka.metrics.reporters | LIST | "" | unique |  | Known for compatibility with Kafka.
      leader.imbalance.check.interval.seconds | LONG | 300 | >= 1 |  | Known for compatibility with Kafka.
      leader.replication.throttled.rate | LONG | 9223372036854775807 | >= 0 | dynamic-only per-broker | Known for compatibility with Kafka.
      listener.security.protocol.map | STRING | SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT | any | per-broker | Known for compatibility with Kafka.
      listeners | LIST | PLAINTEXT://127.0.0.1:9092 | unique, not empty | used per-broker | Addresses to listen on, as name://host:port. Without a host: on all interfaces.
      log.cleaner.backoff.ms | LONG | 15000 | >= 0 | cluster-wide | Known for compatibility with Kafka.
      log.cleaner.dedupe.buffer.size | LONG | 134217728 | any | cluster-wide | Known for compatibility with Kafka.
      log.cleaner.delete.retention.ms | LONG | 86400000 | >= 0 | cluster-wide | Default of the topic setting delete.retention.ms.
      log.cleaner.enable | BOOLEAN | true | any |  | Known for compatibility with Kafka.
      log.cleaner.io.buffer.load.factor | DOUBLE | 0.9 | any | cluster-wide | Known for compatibility with Kafka.
      log.cleaner.io.buffer.size | INT | 524288 | >= 0 | cluster-wide | Known for compatibility with Kafka.
      log.cleaner.io.max.bytes.per.second | DOUBLE | 1.7976931348623157E308 | any | cluster-wide | Known for compatibility with Kafka.
      log.cleaner.max.compaction.lag.ms | LONG | 9223372036854775807 | >= 1 | cluster-wide | Default of the topic setting max.compaction.lag.ms.
      log.cleaner.min.cleanable.ratio | DOUBLE | 0.5 | 0..1 | cluster-wide | Default of the topic setting min.cleanable.dirty.ratio.
      log.cleaner.min.compaction.lag.ms | LONG | 0 | >= 0 | cluster-wide | Default of the topic setting min.compaction.lag.ms.
      log.cleaner.threads | INT | 1 | >= 0 | cluster-wide | Known for compatibility with Kafka.
      log.cleanup.policy | LIST | delete | of compact, delete | used cluster-wide | Default of the topic setting cleanup.policy.
      log.dir | LIST | millrace-data | unique, not empty | used | Directory of the data, if log.dirs is not given.
      log.dir.failure.timeout.ms | LONG | 30000 | >= 1 |  | Known for compatibility with Kafka.
      log.dirs | LIST | - | unique, not empty | used | Directories of the data.
      log.durability | STRING | fsync | of fsync, replicated | used own cluster-wide | When a record counts as acknowledged unless the topic says otherwise: 'fsync' or 'replicated'.
      log.flush.interval.messages | LONG | 9223372036854775807 | >= 1 | used cluster-wide | Default of the topic setting flush.messages.
      log.flush.interval.ms | LONG | - | any | used cluster-wide | Default of the topic setting flush.ms.
      log.flush.offset.checkpoint.interval.ms | INT | 60000 | >= 0 |  | Known for compatibility with Kafka.
      log.flush.scheduler.interval.ms | LONG | 9223372036854775807 | any | used | Time after which a log is forced to disk if log.flush.interval.ms is not given.
      log.flush.start.offset.checkpoint.interval.ms | INT | 60000 | >= 0 |  | Known for compatibility with Kafka.
      log.index.interval.bytes | INT | 4096 | >= 0 | used cluster-wide | Default of the topic setting index.interval.bytes.
      log.index.size.max.bytes | INT | 10485760 | >= 4 | used cluster-wide | Default of the topic setting segment.index.bytes.
      log.initial.task.delay.ms | LONG | 30000 | >= 0 | used internal | Time from the start until retention first looks for segments to delete.
      log.local.retention.bytes | LONG | -2 | >= -2 | cluster-wide | Default of the topic setting local.retention.bytes.
      log.local.retention.ms | LONG | -2 | >= -2 | cluster-wide | Default of the topic setting local.retention.ms.
      log.message.timestamp.after.max.ms | LONG | 3600000 | >= 0 | used cluster-wide | Default of the topic setting message.timestamp.after.max.ms.
      log.message.timestamp.before.max.ms | LONG | 9223372036854775807 | >= 0 | used cluster-wide | Default of the topic setting message.timestamp.before.max.ms.
      log.message.timestamp.type | STRING | CreateTime | of CreateTime, LogAppendTime | used cluster-wide | Default of the topic setting message.timestamp.type.
      log.preallocate | BOOLEAN | false | any | cluster-wide | Default of the topic setting preallocate.
      log.remote.copy.lag.bytes | LONG | -1 | >= -1 | cluster-wide | Default of the topic setting remote.copy.lag.bytes.
      log.remote.copy.lag.ms | LONG | 0 | >= -1 | cluster-wide | Default of the topic setting remote.copy.lag.ms.
      log.retention.bytes | LONG | -1 | any | used cluster-wide | Default of the topic setting retention.bytes.
      log.retention.check.interval.ms | LONG | 300000 | >= 1 | used | How often retention looks for segments to delete.
      log.retention.hours | INT | 168 | any | used | Age in hours beyond which segments are deleted, unless given in minutes or milliseconds.
      log.retention.minutes | INT | - | any | used | Age in minutes beyond which segments are deleted, unless given in milliseconds.
      log.retention.ms | LONG | - | any | used cluster-wide | Default of the topic setting retention.ms.
      log.roll.hours | INT | 168 | >= 1 | used | Age in hours at which a log starts a new segment, unless given in milliseconds.
      log.roll.jitter.hours | INT | 0 | >= 0 | used | Random time in hours taken off the age of a segment, unless given in milliseconds.
      log.roll.jitter.ms | LONG | - | any | used cluster-wide | Default of the topic setting segment.jitter.ms.
      log.roll.ms | LONG | - | any | used cluster-wide | Default of the topic setting segment.ms.
      log.segment.bytes | INT | 1073741824 | >= 1048576 | used cluster-wide | Default of the topic setting segment.bytes.
      log.segment.delete.delay.ms | LONG | 60000 | >= 0 | used cluster-wide | Default of the topic setting file.delete.delay.ms.
      max.connection.creation.rate | INT | 2147483647 | >= 0 | cluster-wide | Known for compatibility with Kafka.
      max.connections | INT | 2147483647 | >= 0 | used cluster-wide | Most connections that the broker accepts.
      max.connections.per.ip | INT | 2147483647 | >= 0 | used cluster-wide | Most connections that the broker accepts from one address.
      max.connections.per.ip.overrides | STRING | "" | any | cluster-wide | Known for compatibility with Kafka.
      max.decompressed.message.bytes | INT | 2147483639 | 1..2147483639 | used cluster-wide | Default of the topic setting max.decompressed.message.bytes.
      max.incremental.fetch.session.cache.slots | INT | 1000 | >= 0 | used | Most fetch sessions that the broker remembers.
      max.request.partition.size.limit | INT | 2000 | >= 1 | used | Most partitions that one request to describe topics is answered with.
      message.max.bytes | INT | 1048588 | >= 0 | used cluster-wide | Default of the topic setting max.message.bytes.
      metadata.log.dir | STRING | - | any |  | Known for compatibility with Kafka.
      metadata.log.max.record.bytes.between.snapshots | LONG | 20971520 | >= 1 | used | Bytes of metadata records after which a snapshot is written.
      metadata.log.max.snapshot.interval.ms | LONG | 3600000 | >= 0 |  | Known for compatibility with Kafka.
      metadata.log.segment.bytes | INT | 1073741824 | >= 8388608 |  | Known for compatibility with Kafka.
      metadata.log.segment.ms | LONG | 604800000 | any |  | Known for compatibility with Kafka.
      metadata.max.idle.interval.ms | INT | 500 | >= 0 |  | Known for compatibility with Kafka.
      metadata.max.retention.bytes | LONG | 104857600 | any |  | Known for compatibility with Kafka.
      metadata.max.retention.ms | LONG | 604800000 | any |  | Known for compatibility with Kafka.
      metric.reporters | LIST | org.apache.kafka.common.metrics.JmxReporter | unique | cluster-wide local-only | Known for compatibility with Kafka.
      metrics.num.samples | INT | 2 | >= 1 |  | Known for compatibility with Kafka.
      metrics.recording.level | STRING | INFO | any |  | Known for compatibility with Kafka.
      metrics.sample.window.ms | LONG | 30000 | >= 1 |  | Known for compatibility with Kafka.
      min.insync.replicas | INT | 1 | >= 1 | used cluster-wide | Default of the topic setting min.insync.replicas.
      node.id | INT | 1 | >= 0 | used | Number of this node in the cluster.
      num.io.threads | INT | 8 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      num.network.threads | INT | 3 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      num.partitions | INT | 1 | >= 1 | used | Partitions of a topic that is created without saying how many.
      num.recovery.threads.per.data.dir | INT | 2 | >= 1 | used cluster-wide | Logs of a directory that are opened at the same time at the start.
      num.replica.alter.log.dirs.threads | INT | - | any |  | Known for compatibility with Kafka.
      num.replica.fetchers | INT | 1 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      offset.metadata.max.bytes | INT | 4096 | any |  | Known for compatibility with Kafka.
      offsets.commit.timeout.ms | INT | 5000 | >= 1 |  | Known for compatibility with Kafka.
      offsets.load.buffer.size | INT | 5242880 | >= 1 |  | Known for compatibility with Kafka.
      offsets.retention.check.interval.ms | LONG | 600000 | >= 1 |  | Known for compatibility with Kafka.
      offsets.retention.minutes | INT | 10080 | >= 1 |  | Known for compatibility with Kafka.
      offsets.topic.compression.codec | INT | 0 | any |  | Known for compatibility with Kafka.
      offsets.topic.num.partitions | INT | 50 | >= 1 |  | Known for compatibility with Kafka.
      offsets.topic.replication.factor | SHORT | 3 | >= 1 |  | Known for compatibility with Kafka.
      offsets.topic.segment.bytes | INT | 104857600 | >= 1 |  | Known for compatibility with Kafka.
      principal.builder.class | CLASS | org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder | any | per-broker local-only | Known for compatibility with Kafka.
      process.roles | LIST | broker,controller | some of broker, controller | used | What this process is: broker, controller or both.
      producer.id.expiration.check.interval.ms | INT | 600000 | >= 1 | internal | Known for compatibility with Kafka.
      producer.id.expiration.ms | INT | 86400000 | >= 1 | used cluster-wide | Time after its last record for which a producer id is remembered.
      producer.purgatory.purge.interval.requests | INT | 1000 | any |  | Known for compatibility with Kafka.
      queued.max.request.bytes | LONG | -1 | any | used | Most bytes of requests in memory at once; -1 lets the broker choose.
      queued.max.requests | INT | 500 | >= 1 |  | Known for compatibility with Kafka.
      quota.window.num | INT | 11 | >= 1 |  | Known for compatibility with Kafka.
      quota.window.size.seconds | INT | 1 | >= 1 |  | Known for compatibility with Kafka.
      remote.fetch.max.wait.ms | INT | 500 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      remote.list.offsets.request.timeout.ms | LONG | 30000 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      remote.log.index.file.cache.total.size.bytes | LONG | 1073741824 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      remote.log.index.file.cache.ttl.ms | LONG | 900000 | >= -1 | internal | Known for compatibility with Kafka.
      remote.log.manager.copier.thread.pool.size | INT | 10 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      remote.log.manager.copy.max.bytes.per.second | LONG | 9223372036854775807 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      remote.log.manager.copy.quota.window.num | INT | 11 | >= 1 |  | Known for compatibility with Kafka.
      remote.log.manager.copy.quota.window.size.seconds | INT | 1 | >= 1 |  | Known for compatibility with Kafka.
      remote.log.manager.expiration.thread.pool.size | INT | 10 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      remote.log.manager.fetch.max.bytes.per.second | LONG | 9223372036854775807 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      remote.log.manager.fetch.quota.window.num | INT | 11 | >= 1 |  | Known for compatibility with Kafka.
      remote.log.manager.fetch.quota.window.size.seconds | INT | 1 | >= 1 |  | Known for compatibility with Kafka.
      remote.log.manager.follower.thread.pool.size | INT | 2 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      remote.log.manager.task.interval.ms | LONG | 30000 | >= 1 |  | Known for compatibility with Kafka.
      remote.log.manager.task.retry.backoff.max.ms | LONG | 30000 | >= 1 | internal | Known for compatibility with Kafka.
      remote.log.manager.task.retry.backoff.ms | LONG | 500 | >= 1 | internal | Known for compatibility with Kafka.
      remote.log.manager.task.retry.jitter | DOUBLE | 0.2 | 0..0.5 | internal | Known for compatibility with Kafka.
      remote.log.manager.thread.pool.size | INT | 2 | >= 1 |  | Known for compatibility with Kafka.
      remote.log.metadata.custom.metadata.max.bytes | INT | 128 | >= 0 |  | Known for compatibility with Kafka.
      remote.log.metadata.manager.class.name | STRING | org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager | not empty |  | Known for compatibility with Kafka.
      remote.log.metadata.manager.class.path | STRING | - | any |  | Known for compatibility with Kafka.
      remote.log.metadata.manager.impl.prefix | STRING | rlmm.config. | not empty |  | Known for compatibility with Kafka.
      remote.log.metadata.manager.listener.name | STRING | - | not empty |  | Known for compatibility with Kafka.
      remote.log.reader.max.pending.tasks | INT | 100 | >= 1 |  | Known for compatibility with Kafka.
      remote.log.reader.threads | INT | 10 | >= 1 | cluster-wide | Known for compatibility with Kafka.
      remote.log.storage.manager.class.name | STRING | - | not empty |  | Known for compatibility with Kafka.
      remote.log.storage.manager.class.path | STRING | - | any |  | Known for compatibility with Kafka.
      remote.log.storage.manager.impl.prefix | STRING | rsm.config. | not empty |  | Known for compatibility with Kafka.
      remote.log.storage.system.enable | BOOLEAN | false | any |  | Known for compatibility with Kafka.
      replica.alter.log.dirs.io.max.bytes.per.second | LONG | 9223372036854775807 | >= 0 | dynamic-only per-broker | Known for compatibility with Kafka.
      replica.fetch.backoff.ms | INT | 1000 | >= 0 |  | Known for compatibility with Kafka.
      replica.fetch.max.bytes | INT | 1048576 | >= 0 |  | Known for compatibility with Kafka.
      replica.fetch.min.bytes | INT | 1 | any |  | Known for compatibility with Kafka.
      replica.fetch.response.max.bytes | INT | 10485760 | >= 0 |  | Known for compatibility with Kafka.
      replica.fetch.wait.max.ms | INT | 500 | any |  | Known for compatibility with Kafka.
      replica.high.watermark.checkpoint.interval.ms | LONG | 5000 | any |  | Known for compatibility with Kafka.
      replica.lag.time.max.ms | LONG | 30000 | any |  | Known for compatibility with Kafka.
      replica.selector.class | STRING | - | any |  | Known for compatibility with Kafka.
      replica.socket.receive.buffer.bytes | INT | 65536 | any |  | Known for compatibility with Kafka.
      replica.socket.timeout.ms | INT | 30000 | any |  | Known for compatibility with Kafka.
      replication.quota.window.num | INT | 11 | >= 1 |  | Known for compatibility with Kafka.
      replication.quota.window.size.seconds | INT | 1 | >= 1 |  | Known for compatibility with Kafka.
      request.timeout.ms | INT | 30000 | any |  | Known for compatibility with Kafka.
      sasl.client.callback.handler.class | CLASS | - | any |  | Known for compatibility with Kafka.
      sasl.enabled.mechanisms | LIST | GSSAPI | unique | per-broker | Known for compatibility with Kafka.
      sasl.jaas.config | PASSWORD | - | any | per-broker local-only | Known for compatibility with Kafka.
      sasl.kerberos.kinit.cmd | STRING | /usr/bin/kinit | any | per-broker local-only | Known for compatibility with Kafka.
      sasl.kerberos.min.time.before.relogin | LONG | 60000 | any | per-broker | Known for compatibility with Kafka.
      sasl.kerberos.principal.to.local.rules | LIST | DEFAULT | unique | per-broker | Known for compatibility with Kafka.
      sasl.kerberos.service.name | STRING | - | any | per-broker | Known for compatibility with Kafka.
      sasl.kerberos.ticket.renew.jitter | DOUBLE | 0.05 | any | per-broker | Known for compatibility with Kafka.
      sasl.kerberos.ticket.renew.window.factor | DOUBLE | 0.8 | any | per-broker | Known for compatibility with Kafka.
      sasl.login.callback.handler.class | CLASS | - | any |  | Known for compatibility with Kafka.
      sasl.login.class | CLASS | - | any |  | Known for compatibility with Kafka.
      sasl.login.connect.timeout.ms | INT | - | any |  | Known for compatibility with Kafka.
      sasl.login.read.timeout.ms | INT | - | any |  | Known for compatibility with Kafka.
      sasl.login.refresh.buffer.seconds | SHORT | 300 | any | per-broker | Known for compatibility with Kafka.
      sasl.login.refresh.min.period.seconds | SHORT | 60 | any | per-broker | Known for compatibility with Kafka.
      sasl.login.refresh.window.factor | DOUBLE | 0.8 | any | per-broker | Known for compatibility with Kafka.
      sasl.login.refresh.window.jitter | DOUBLE | 0.05 | any | per-broker | Known for compatibility with Kafka.
      sasl.login.retry.backoff.max.ms | LONG | 10000 | any |  | Known for compatibility with Kafka.
      sasl.login.retry.backoff.ms | LONG | 100 | any |  | Known for compatibility with Kafka.
      sasl.mechanism.controller.protocol | STRING | GSSAPI | any |  | Known for compatibility with Kafka.
      sasl.mechanism.inter.broker.protocol | STRING | GSSAPI | any | per-broker | Known for compatibility with Kafka.
      sasl.oauthbearer.allow.unverified.audience | BOOLEAN | false | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.allow.unverified.issuer | BOOLEAN | false | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.assertion.algorithm | STRING | RS256 | any case of ES256, RS256 |  | Known for compatibility with Kafka.
      sasl.oauthbearer.assertion.claim.aud | STRING | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.assertion.claim.exp.seconds | INT | 300 | 0..86400 |  | Known for compatibility with Kafka.
      sasl.oauthbearer.assertion.claim.iss | STRING | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.assertion.claim.jti.include | BOOLEAN | false | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.assertion.claim.nbf.seconds | INT | 60 | 0..3600 |  | Known for compatibility with Kafka.
      sasl.oauthbearer.assertion.claim.sub | STRING | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.assertion.file | STRING | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.assertion.private.key.file | STRING | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.assertion.private.key.passphrase | PASSWORD | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.assertion.template.file | STRING | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.client.credentials.client.id | STRING | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.client.credentials.client.secret | PASSWORD | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.clock.skew.seconds | INT | 30 | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.expected.audience | LIST | "" | unique |  | Known for compatibility with Kafka.
      sasl.oauthbearer.expected.issuer | STRING | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.jwks.endpoint.refresh.ms | LONG | 3600000 | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms | LONG | 10000 | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.jwks.endpoint.retry.backoff.ms | LONG | 100 | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.jwks.endpoint.url | STRING | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.jwt.retriever.class | CLASS | org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.jwt.validator.class | CLASS | org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.scope | STRING | - | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.scope.claim.name | STRING | scope | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.sub.claim.name | STRING | sub | any |  | Known for compatibility with Kafka.
      sasl.oauthbearer.token.endpoint.url | STRING | - | any |  | Known for compatibility with Kafka.
      sasl.server.callback.handler.class | CLASS | - | any |  | Known for compatibility with Kafka.
      sasl.server.max.receive.size | INT | 524288 | any |  | Known for compatibility with Kafka.
      security.inter.broker.protocol | STRING | PLAINTEXT | of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL |  | Known for compatibility with Kafka.
      security.providers | STRING | - | any |  | Known for compatibility with Kafka.
      server.max.startup.time.ms | LONG | 9223372036854775807 | >= 0 | internal | Known for compatibility with Kafka.
      share.coordinator.append.linger.ms | INT | -1 | >= -1 |  | Known for compatibility with Kafka.
      share.coordinator.cached.buffer.max.bytes | INT | 1048588 | >= 524288 | cluster-wide | Known for compatibility with Kafka.
      share.coordinator.cold.partition.snapshot.interval.ms | INT | 300000 | >= 1 | internal | Known for compatibility with Kafka.
      share.coordinator.load.buffer.size | INT | 5242880 | >= 1 |  | Known for compatibility with Kafka.
      share.coordinator.snapshot.update.records.per.snapshot | INT | 500 | 0..500 |  | Known for compatibility with Kafka.
      share.coordinator.state.topic.compression.codec | INT | 0 | any |  | Known for compatibility with Kafka.
      share.coordinator.state.topic.min.isr | SHORT | 2 | >= 1 |  | Known for compatibility with Kafka.
      share.coordinator.state.topic.num.partitions | INT | 50 | >= 1 |  | Known for compatibility with Kafka.
      share.coordinator.state.topic.prune.interval.ms | INT | 300000 | >= 1 | internal | Known for compatibility with Kafka.
      share.coordinator.state.topic.replication.factor | SHORT | 3 | >= 1 |  | Known for compatibility with Kafka.
      share.coordinator.state.topic.segment.bytes | INT | 104857600 | >= 1 |  | Known for compatibility with Kafka.
      share.coordinator.threads | INT | 1 | >= 1 |  | Known for compatibility with Kafka.
      share.coordinator.write.timeout.ms | INT | 5000 | >= 1 |  | Known for compatibility with Kafka.
      share.fetch.purgatory.purge.interval.requests | INT | 1000 | any |  | Known for compatibility with Kafka.
      socket.connection.setup.timeout.max.ms | LONG | 30000 | any |  | Known for compatibility with Kafka.
      socket.connection.setup.timeout.ms | LONG | 10000 | any |  | Known for compatibility with Kafka.
      socket.listen.backlog.size | INT | 50 | >= 1 |  | Connections that the kernel keeps waiting to be accepted.
      socket.receive.buffer.bytes | INT | 102400 | any | used | Receive buffer of a connection in bytes; -1 leaves it to the system.
      socket.request.max.bytes | INT | 104857600 | >= 1 | used | Largest request in bytes that is read.
      socket.send.buffer.bytes | INT | 102400 | any | used | Send buffer of a connection in bytes; -1 leaves it to the system.
      ssl.allow.dn.changes | BOOLEAN | false | any |  | Known for compatibility with Kafka.
      ssl.allow.san.changes | BOOLEAN | false | any |  | Known for compatibility with Kafka.
      ssl.cipher.suites | LIST | "" | unique | per-broker | Known for compatibility with Kafka.
      ssl.client.auth | STRING | none | of required, requested, none | per-broker | Known for compatibility with Kafka.
      ssl.enabled.protocols | LIST | TLSv1.2,TLSv1.3 | unique | per-broker | Known for compatibility with Kafka.
      ssl.endpoint.identification.algorithm | STRING | https | any | per-broker | Known for compatibility with Kafka.
      ssl.engine.factory.class | CLASS | - | any | per-broker local-only | Known for compatibility with Kafka.
      ssl.key.password | PASSWORD | - | any | per-broker | Known for compatibility with Kafka.
      ssl.keymanager.algorithm | STRING | SunX509 | any | per-broker | Known for compatibility with Kafka.
      ssl.keystore.certificate.chain | PASSWORD | - | any | per-broker | Known for compatibility with Kafka.
      ssl.keystore.key | PASSWORD | - | any | per-broker | Known for compatibility with Kafka.
      ssl.keystore.location | STRING | - | any | per-broker local-only | Known for compatibility with Kafka.
      ssl.keystore.password | PASSWORD | - | any | per-broker | Known for compatibility with Kafka.
      ssl.keystore.type | STRING | JKS | any | per-broker | Known for compatibility with Kafka.
      ssl.principal.mapping.rules | STRING | DEFAULT | any |  | Known for compatibility with Kafka.
      ssl.protocol | STRING | TLSv1.3 | any | per-broker | Known for compatibility with Kafka.
      ssl.provider | STRING | - | any | per-broker local-only | Known for compatibility with Kafka.
      ssl.secure.random.implementation | STRING | - | any | per-broker local-only | Known for compatibility with Kafka.
      ssl.trustmanager.algorithm | STRING | PKIX | any | per-broker | Known for compatibility with Kafka.
      ssl.truststore.certificates | PASSWORD | - | any | per-broker | Known for compatibility with Kafka.
      ssl.truststore.location | STRING | - | any | per-broker local-only | Known for compatibility with Kafka.
      ssl.truststore.password | PASSWORD | - | any | per-broker | Known for compatibility with Kafka.
      ssl.truststore.type | STRING | JKS | any | per-broker | Known for compatibility with Kafka.
      telemetry.max.bytes | INT | 1048576 | >= 1 |  | Known for compatibility with Kafka.
      transaction.abort.timed.out.transaction.cleanup.interval.ms | INT | 10000 | >= 1 |  | Known for compatibility with Kafka.
      transaction.max.timeout.ms | INT | 900000 | >= 1 |  | Known for compatibility with Kafka.
      transaction.partition.verification.enable | BOOLEAN | true | any | cluster-wide | Known for compatibility with Kafka.
      transaction.remove.expired.transaction.cleanup.interval.ms | INT | 3600000 | >= 1 |  | Known for compatibility with Kafka.
      transaction.state.log.load.buffer.size | INT | 5242880 | >= 1 |  | Known for compatibility with Kafka.
      transaction.state.log.min.isr | INT | 2 | >= 1 |  | Known for compatibility with Kafka.
      transaction.state.log.num.partitions | INT | 50 | >= 1 |  | Known for compatibility with Kafka.
      transaction.state.log.replication.factor | SHORT | 3 | >= 1 |  | Known for compatibility with Kafka.
      transaction.state.log.segment.bytes | INT | 104857600 | >= 1 |  | Known for compatibility with Kafka.
      transaction.two.phase.commit.enable | BOOLEAN | false | any |  | Known for compatibility with Kafka.
      transactional.id.expiration.ms | INT | 604800000 | >= 1 |  | Known for compatibility with Kafka.
      unclean.leader.election.enable | BOOLEAN | false | any | cluster-wide | Default of the topic setting unclean.leader.election.enable.
      unclean.leader.election.interval.ms | LONG | 300000 | >= 1 | internal | Known for compatibility with Kafka.
      unstable.api.versions.enable | BOOLEAN | false | any | internal | Known for compatibility with Kafka.
      unstable.feature.versions.enable | BOOLEAN | false | any | internal | Known for compatibility with Kafka.
      """;

  private BrokerConfigText() {}
}
