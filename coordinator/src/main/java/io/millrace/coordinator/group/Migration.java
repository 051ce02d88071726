package io.millrace.coordinator.group;

import io.millrace.coordinator.Now;
import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.group.assignor.Assignment;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import io.millrace.protocol.message.ConsumerProtocolAssignment;
import io.millrace.protocol.message.ConsumerProtocolSubscription;
import io.millrace.protocol.message.ErrorCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes a group from one protocol to the other while its members go on.
///
/// The first member that joins a classic group of consumers by the consumer protocol converts it:
/// the others keep what they have and go on speaking the classic protocol
/// ([ClassicProtocolMembers]). When the last member that speaks the consumer protocol is gone, the
/// group is a classic one again and rebalances.
final class Migration {
  private static final Logger LOG = LoggerFactory.getLogger(Migration.class);

  private final ConsumerGroups groups;

  Migration(ConsumerGroups groups) {
    this.groups = groups;
  }

  private boolean allows(String direction) {
    String policy = policy();
    return policy.equals(direction) || policy.equals("bidirectional");
  }

  private String policy() {
    return groups
        .machine
        .settings
        .broker()
        .string("group.consumer.migration.policy")
        .toLowerCase(Locale.ROOT);
  }

  boolean isDisabled() {
    return policy().equals("disabled");
  }

  /// The records that make a consumer group of a classic one, and the group as it then is.
  ConsumerGroups.Opened upgrade(ClassicGroup classic) {
    String why = whyNotUpgraded(classic);
    if (why != null) {
      return refused(classic, why);
    }
    GroupDraft draft = new GroupDraft(ConsumerGroup.empty(classic.id()));
    draft.writeForeign(classic.tombstones());
    TreeSet<String> taken = new TreeSet<>();
    int epoch = classic.generation();
    List<StateRecord> targets = new ArrayList<>();
    List<StateRecord> currents = new ArrayList<>();
    for (ClassicMember member : classic.members()) {
      ConsumerMember converted = converted(classic, member, taken);
      if (converted == null) {
        return refused(classic, "its members use another assignor than consumers have, or none");
      }
      draft.write(ConsumerRecords.member(classic.id(), member.id(), converted.metadata()));
      Assignment assigned = converted.current().assigned().toAssignment();
      targets.add(ConsumerRecords.target(classic.id(), member.id(), assigned));
      currents.add(ConsumerRecords.current(classic.id(), member.id(), converted.current()));
    }
    long hash = groups.topics.hash(draft.group().subscribedTopics(), groups.image());
    draft.write(ConsumerRecords.epoch(classic.id(), epoch, hash));
    draft.write(targets);
    draft.write(ConsumerRecords.targetEpoch(classic.id(), epoch, 0));
    draft.write(currents);
    return new ConsumerGroups.Opened.Draft(draft, classic);
  }

  private @Nullable String whyNotUpgraded(ClassicGroup classic) {
    if (!allows("upgrade")) {
      return "group.consumer.migration.policy does not allow it";
    }
    if (!ClassicGroup.CONSUMER_PROTOCOL.equals(classic.protocolTypeOrNull())) {
      return "its members are no consumers";
    }
    if (classic.size() > groups.maxSize()) {
      return "it has more members than group.consumer.max.size allows";
    }
    return null;
  }

  private static ConsumerGroups.Opened refused(ClassicGroup classic, String why) {
    LOG.info("Group {} cannot change to the consumer protocol: {}", classic.id(), why);
    return new ConsumerGroups.Opened.Refused(
        new Refusal(
            ErrorCode.GROUP_ID_NOT_FOUND,
            "Cannot upgrade classic group " + classic.id() + " to consumer group: " + why + "."));
  }

  /// The member with what it was assigned last; null if that cannot be read, or carries what only
  /// its leader understands.
  private @Nullable ConsumerMember converted(
      ClassicGroup classic, ClassicMember member, Set<String> taken) {
    List<ClassicMember.Protocol> protocols = member.protocols();
    String name = classic.protocolName();
    byte[] metadata =
        name != null && member.supports(name)
            ? member.metadata(name)
            : protocols.isEmpty() ? ClassicMember.NO_BYTES : protocols.getFirst().metadata();
    ConsumerProtocolSubscription subscription =
        EmbeddedProtocol.subscription(ByteBuffer.wrap(metadata));
    ConsumerProtocolAssignment assignment =
        EmbeddedProtocol.assignment(ByteBuffer.wrap(member.assignment()));
    if (subscription == null || assignment == null || hasUserData(assignment)) {
      return null;
    }
    OwnedPartitions.Builder owned = new OwnedPartitions.Builder();
    EmbeddedProtocol.byId(assignment, groups.image())
        .toMap()
        .forEach(
            (topic, partitions) ->
                partitions.forEach(
                    partition -> {
                      // A leader may have given a partition to two members; one of them has it.
                      if (taken.add(topic + "-" + partition)) {
                        owned.put(topic, partition, classic.generation());
                      }
                    }));
    return new ConsumerMember(
        member.id(),
        metadata(member, subscription),
        new ConsumerMember.Current(
            classic.generation(),
            classic.generation(),
            MemberState.STABLE,
            owned.build(),
            OwnedPartitions.NONE));
  }

  private static boolean hasUserData(ConsumerProtocolAssignment assignment) {
    ByteBuffer userData = assignment.userData();
    return userData != null && userData.hasRemaining();
  }

  private static ConsumerGroupMemberMetadataValue metadata(
      ClassicMember member, ConsumerProtocolSubscription subscription) {
    List<ClassicProtocol> protocols = new ArrayList<>();
    for (ClassicMember.Protocol protocol : member.protocols()) {
      protocols.add(
          ClassicProtocol.builder()
              .name(protocol.name())
              .metadata(ByteBuffer.wrap(protocol.metadata()))
              .build());
    }
    return ConsumerMember.NO_METADATA.toBuilder()
        .instanceId(member.instanceId())
        .rackId(subscription.rackId())
        .clientId(member.identity().clientId())
        .clientHost(member.identity().clientHost())
        .subscribedTopicNames(List.copyOf(new TreeSet<>(subscription.topics())))
        .rebalanceTimeoutMs(member.rebalanceTimeoutMs())
        .classicMemberMetadata(
            ClassicMemberMetadata.builder()
                .sessionTimeoutMs(member.sessionTimeoutMs())
                .supportedProtocols(protocols)
                .build())
        .build();
  }

  /// Whether a group changes to the classic protocol as `leaving` leave: all others speak it, there
  /// are some, and it is allowed.
  boolean isDowngradedWithout(ConsumerGroup group, Collection<ConsumerMember> leaving) {
    int staying = 0;
    for (ConsumerMember member : group.members().values()) {
      if (leaving.stream().noneMatch(each -> each.id().equals(member.id()))) {
        if (!member.usesClassicProtocol()) {
          return false;
        }
        staying++;
      }
    }
    return staying > 0 && fits(staying);
  }

  /// Whether a group changes to the classic protocol as a member that speaks it takes the place of
  /// the static member `replaced`.
  boolean isDowngradedReplacing(ConsumerGroup group, ConsumerMember replaced) {
    return !replaced.usesClassicProtocol()
        && group.members().values().stream()
            .allMatch(each -> each.id().equals(replaced.id()) || each.usesClassicProtocol())
        && fits(group.members().size());
  }

  private boolean fits(int size) {
    return allows("downgrade")
        && size <= groups.machine.settings.broker().intValue("group.max.size");
  }

  /// The records that make a classic group of those that stay.
  List<StateRecord> downgrade(ConsumerGroup group, Collection<ConsumerMember> leaving, Now now) {
    LOG.info("Group {} changes to the classic protocol", group.id());
    ClassicGroup classic =
        new ClassicGroup(group.id(), group.epoch(), ClassicGroup.CONSUMER_PROTOCOL, now.wallMs());
    for (ConsumerMember member : group.members().values()) {
      groups.timers.cancelAll(group.id(), member.id());
      ClassicMemberMetadata said = member.classic();
      if (said != null && leaving.stream().noneMatch(each -> each.id().equals(member.id()))) {
        classic.add(classicMember(member, said));
      }
    }
    classic.chooseProtocol();
    List<StateRecord> records = new ArrayList<>(group.tombstones());
    records.add(classic.record());
    records.addAll(groups.machine.classic.adopt(classic, now));
    return records;
  }

  private ClassicMember classicMember(ConsumerMember member, ClassicMemberMetadata said) {
    List<ClassicMember.Protocol> protocols = new ArrayList<>();
    for (ClassicProtocol protocol : said.supportedProtocols()) {
      protocols.add(new ClassicMember.Protocol(protocol.name(), Bytes.copy(protocol.metadata())));
    }
    ClassicMember classic =
        new ClassicMember(
            new ClassicMember.Identity(
                member.id(),
                member.instanceId(),
                member.metadata().clientId(),
                member.metadata().clientHost()),
            member.metadata().rebalanceTimeoutMs(),
            said.sessionTimeoutMs(),
            protocols);
    classic.assign(
        EmbeddedProtocol.write(
            member.current().assigned().toAssignment(),
            protocols.isEmpty()
                ? ByteBuffer.wrap(ClassicMember.NO_BYTES)
                : ByteBuffer.wrap(protocols.getFirst().metadata()),
            groups.image()));
    return classic;
  }
}
