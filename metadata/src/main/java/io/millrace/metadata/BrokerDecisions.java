package io.millrace.metadata;

import io.millrace.metadata.Command.ProducerIdBlock;
import io.millrace.metadata.Command.Registration;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.metadata.record.ProducerIdsRecord;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decides about brokers: their registration, and the blocks of producer ids that they hand out.
final class BrokerDecisions {
  /// Producer ids per block, as in Kafka.
  static final int PRODUCER_ID_BLOCK = 1000;

  /// A broker that registers is not fenced: nothing here watches whether it stays alive.
  Decision<Registration> register(ClusterImage image, Command.RegisterBroker command) {
    Optional<Broker> before = image.broker(command.brokerId());
    if (before.isPresent() && before.get().incarnationId().equals(command.incarnationId())) {
      return Decision.unchanged(new Registration(Outcome.DONE, before.get().epoch()));
    }
    long epoch = image.offset() + 1;
    Broker broker =
        new Broker(
            command.brokerId(),
            command.incarnationId(),
            epoch,
            List.copyOf(command.endpoints()),
            command.rack(),
            List.copyOf(command.logDirs()),
            false,
            false);
    return new Decision<>(
        List.of(ImageRecords.record(broker)), new Registration(Outcome.DONE, epoch));
  }

  Decision<ProducerIdBlock> allocateProducerIds(
      ClusterImage image, Command.AllocateProducerIds command) {
    Optional<Broker> broker = image.broker(command.brokerId());
    if (broker.isEmpty()) {
      return noBlock(
          ErrorCode.BROKER_ID_NOT_REGISTERED,
          "Broker " + command.brokerId() + " is not registered");
    }
    if (broker.get().epoch() != command.brokerEpoch()) {
      return noBlock(
          ErrorCode.STALE_BROKER_EPOCH,
          "Broker %d has epoch %d, not %d"
              .formatted(command.brokerId(), broker.get().epoch(), command.brokerEpoch()));
    }
    long first = image.nextProducerId();
    if (first > Long.MAX_VALUE - PRODUCER_ID_BLOCK) {
      return noBlock(ErrorCode.UNKNOWN_SERVER_ERROR, "All producer ids are used up");
    }
    MetadataRecord record =
        ProducerIdsRecord.builder()
            .brokerId(command.brokerId())
            .brokerEpoch(command.brokerEpoch())
            .nextProducerId(first + PRODUCER_ID_BLOCK)
            .build();
    return new Decision<>(
        List.of(record), new ProducerIdBlock(Outcome.DONE, first, PRODUCER_ID_BLOCK));
  }

  private static Decision<ProducerIdBlock> noBlock(ErrorCode error, String message) {
    return Decision.unchanged(new ProducerIdBlock(Outcome.failed(error, message), -1, 0));
  }

  Decision<Outcome> finalizeFeatures(ClusterImage image, Command.FinalizeFeatures command) {
    List<MetadataRecord> records = new ArrayList<>();
    command
        .levels()
        .forEach(
            (name, level) -> {
              if (!image.features().containsKey(name)) {
                records.add(ImageRecords.feature(name, level));
              }
            });
    return new Decision<>(records, Outcome.DONE);
  }
}
