package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.interop.GroupMember.Commits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Groups of Kafka's Java consumer, with both group protocols. [GroupCommitTest] is about what
/// commits mean.
final class GroupTest {
  private static final int PARTITIONS = 6;

  /// Sessions are as short as they can be without being lost to a machine that is slow.
  @RegisterExtension
  static final TestBroker BROKER =
      TestBroker.with(
          "group.initial.rebalance.delay.ms",
          "200",
          "group.min.session.timeout.ms",
          "1000",
          "group.consumer.min.session.timeout.ms",
          "1000",
          "group.consumer.session.timeout.ms",
          "4000",
          "group.consumer.min.heartbeat.interval.ms",
          "100",
          "group.consumer.heartbeat.interval.ms",
          "300");

  /// How a client takes part in a group.
  enum Protocol {
    RANGE("classic", "org.apache.kafka.clients.consumer.RangeAssignor"),
    COOPERATIVE("classic", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"),
    CONSUMER("consumer", "");

    private final String name;
    private final String assignor;

    Protocol(String name, String assignor) {
      this.name = name;
      this.assignor = assignor;
    }

    /// A consumer that knows of new topics and lost members soon.
    KafkaConsumer<String, String> consumer(
        KafkaClients clients, String group, Object... namesAndValues) {
      var settings = new TreeMap<String, Object>();
      settings.put("group.protocol", name);
      settings.put("group.id", group);
      settings.put("auto.offset.reset", "earliest");
      settings.put("auto.commit.interval.ms", 200);
      settings.put("metadata.max.age.ms", 1000);
      settings.put("reconnect.backoff.max.ms", 100);
      if (this != CONSUMER) {
        settings.put("partition.assignment.strategy", assignor);
        settings.put("session.timeout.ms", 4000);
        settings.put("heartbeat.interval.ms", 300);
      }
      for (int i = 0; i < namesAndValues.length; i += 2) {
        settings.put((String) namesAndValues[i], namesAndValues[i + 1]);
      }
      return clients.consumer(
          settings.entrySet().stream()
              .flatMap(
                  entry -> java.util.stream.Stream.<Object>of(entry.getKey(), entry.getValue()))
              .toArray());
    }
  }

  private final KafkaClients clients = BROKER.clients();
  private final GroupRecorder recorder = new GroupRecorder();

  /// Members join, leave, vanish and come back while records are written, and the broker is killed.
  @ParameterizedTest
  @CsvSource({"RANGE, AUTO", "COOPERATIVE, AFTER", "CONSUMER, AUTO", "CONSUMER, BEFORE"})
  void everyRecordIsDeliveredWhileMembersComeAndGo(Protocol protocol, Commits commits)
      throws Exception {
    String topic = "churn-" + protocol + "-" + commits;
    clients.createTopic(topic, PARTITIONS);
    var members = new ArrayList<GroupMember>();
    try (var numbers = new NumberStream(clients, topic, PARTITIONS, recorder)) {
      members.add(join("a", protocol, commits, topic));
      awaitShared(topic, members);
      members.add(join("b", protocol, commits, topic));
      awaitShared(topic, members);
      members.add(join("c", protocol, commits, topic));
      awaitShared(topic, members);
      restartAfterKill();
      awaitDeliveries();
      members.removeFirst().leave();
      awaitShared(topic, members);
      members.removeFirst().crash();
      members.add(join("d", protocol, commits, topic));
      awaitShared(topic, members);

      numbers.finish();

      if (commits == Commits.BEFORE) {
        KafkaClients.await("lag is gone", () -> isCaughtUp(topic, topic));
        assertThat(recorder.doubled()).isEmpty();
      } else {
        KafkaClients.await("every record came", () -> recorder.missing().isEmpty());
      }
    } finally {
      closeAll(members);
    }
    assertThat(recorder.violations()).isEmpty();
  }

  /// A group moves from one protocol to the other member by member, and back.
  @Test
  void groupMovesBetweenProtocolsWhileItReads() throws Exception {
    String topic = "moving";
    clients.createTopic(topic, PARTITIONS);
    var members = new ArrayList<GroupMember>();
    try (var numbers = new NumberStream(clients, topic, PARTITIONS, recorder)) {
      members.add(join("classic-1", Protocol.COOPERATIVE, Commits.AFTER, topic));
      members.add(join("classic-2", Protocol.COOPERATIVE, Commits.AFTER, topic));
      awaitShared(topic, members);
      assertThat(groupType(topic)).isEqualTo("Classic");
      for (int i = 3; i <= 4; i++) {
        members.add(join("consumer-" + i, Protocol.CONSUMER, Commits.AFTER, topic));
        awaitShared(topic, members);
        assertThat(groupType(topic)).isEqualTo("Consumer");
        members.removeFirst().leave();
        awaitShared(topic, members);
      }
      awaitDeliveries();
      for (int i = 5; i <= 6; i++) {
        members.add(join("classic-" + i, Protocol.COOPERATIVE, Commits.AFTER, topic));
        awaitShared(topic, members);
        members.removeFirst().leave();
        awaitShared(topic, members);
      }
      assertThat(groupType(topic)).isEqualTo("Classic");
      awaitDeliveries();
      numbers.finish();
      KafkaClients.await("every record came", () -> recorder.missing().isEmpty());
    } finally {
      closeAll(members);
    }
    assertThat(recorder.violations()).isEmpty();
  }

  private String groupType(String group) throws Exception {
    try (var admin = clients.admin()) {
      return admin.listGroups().all().get().stream()
          .filter(listing -> listing.groupId().equals(group))
          .map(listing -> listing.type().orElseThrow().toString())
          .findFirst()
          .orElseThrow();
    }
  }

  /// A static member that is away for less than its session finds its partitions as they were, and
  /// nobody else noticed.
  @ParameterizedTest
  @EnumSource
  void staticMemberComesBackToItsPartitions(Protocol protocol) throws Exception {
    String topic = "static-" + protocol;
    clients.createTopic(topic, 2);
    var members = new ArrayList<GroupMember>();
    try {
      members.add(joinStatic("one", protocol, topic, "one"));
      GroupMember two = joinStatic("two", protocol, topic, "two");
      members.add(two);
      KafkaClients.await(
          "each has one partition", () -> recorder.isShared(topic, 2, List.of("one", "two")));
      List<String> ownedByOne = recorder.ownedBy("one");
      List<String> ownedByTwo = recorder.ownedBy("two");

      // A static member does not leave when it closes.
      two.leave();
      members.remove(two);
      members.add(joinStatic("two-again", protocol, topic, "two"));
      KafkaClients.await("it is back", () -> !recorder.ownedBy("two-again").isEmpty());

      assertThat(recorder.ownedBy("one")).isEqualTo(ownedByOne);
      assertThat(recorder.ownedBy("two-again")).isEqualTo(ownedByTwo);
    } finally {
      closeAll(members);
    }
    assertThat(recorder.violations()).isEmpty();
  }

  /// The classic protocol throws the older of two namesakes out, the consumer protocol refuses the
  /// newer one.
  @ParameterizedTest
  @EnumSource
  void twoStaticMembersOfOneNameAreNotBothInTheGroup(Protocol protocol) throws Exception {
    String topic = "namesakes-" + protocol;
    clients.createTopic(topic, 1);
    var others = new GroupRecorder();
    GroupMember first = joinStatic("first", protocol, topic, "same");
    KafkaClients.await("it is in", () -> !recorder.ownedBy("first").isEmpty());
    GroupMember second =
        GroupMember.of(
            "second",
            protocol.consumer(clients, topic, "group.instance.id", "same"),
            others,
            Commits.AUTO,
            topic);
    try {
      if (protocol == Protocol.CONSUMER) {
        assertThat(second.awaitFailure()).isInstanceOf(UnreleasedInstanceIdException.class);
        assertThat(recorder.ownedBy("first")).hasSize(1);
      } else {
        assertThat(first.awaitFailure()).isInstanceOf(FencedInstanceIdException.class);
        KafkaClients.await("the newer one is in", () -> !others.ownedBy("second").isEmpty());
      }
    } finally {
      closeAll(List.of(first, second));
    }
  }

  private GroupMember joinStatic(String name, Protocol protocol, String topic, String instance) {
    return GroupMember.of(
        name,
        protocol.consumer(
            clients,
            topic,
            "group.instance.id",
            instance,
            protocol == Protocol.CONSUMER ? "client.id" : "session.timeout.ms",
            protocol == Protocol.CONSUMER ? name : "30000"),
        recorder,
        Commits.AUTO,
        topic);
  }

  /// The broker finds the topics of a regular expression, and those that are made later.
  @Test
  void patternOfTheConsumerProtocolIsResolvedByTheBroker() throws Exception {
    clients.createTopic("pattern-1", 2);
    clients.createTopic("other-pattern-1", 1);
    var members = new ArrayList<GroupMember>();
    try {
      for (String name : List.of("a", "b")) {
        members.add(
            GroupMember.of(
                name,
                Protocol.CONSUMER.consumer(clients, "patterns", "enable.auto.commit", false),
                recorder,
                (consumer, listener) ->
                    consumer.subscribe(new SubscriptionPattern("pattern-[0-9]+"), listener)));
      }
      KafkaClients.await(
          "the topic is shared", () -> recorder.isShared("pattern-1", 2, List.of("a", "b")));

      clients.createTopic("pattern-22", 2);

      KafkaClients.await(
          "the new topic is shared", () -> recorder.isShared("pattern-22", 2, List.of("a", "b")));
      assertThat(recorder.ownedBy("a")).noneMatch(partition -> partition.startsWith("other"));
      assertThat(recorder.ownedBy("b")).noneMatch(partition -> partition.startsWith("other"));
    } finally {
      closeAll(members);
    }
    assertThat(recorder.violations()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void partitionsAddedToATopicAreAssigned(Protocol protocol) throws Exception {
    String topic = "growing-" + protocol;
    clients.createTopic(topic, 1);
    var members = new ArrayList<GroupMember>();
    try (var admin = clients.admin()) {
      members.add(join("a", protocol, Commits.AUTO, topic));
      members.add(join("b", protocol, Commits.AUTO, topic));
      KafkaClients.await(
          "somebody owns it",
          () -> recorder.ownedBy("a").size() + recorder.ownedBy("b").size() == 1);

      admin
          .createPartitions(
              Map.of(topic, org.apache.kafka.clients.admin.NewPartitions.increaseTo(4)))
          .all()
          .get();

      KafkaClients.await("all are shared", () -> recorder.isShared(topic, 4, List.of("a", "b")));
    } finally {
      closeAll(members);
    }
    assertThat(recorder.violations()).isEmpty();
  }

  private GroupMember join(String name, Protocol protocol, Commits commits, String topic) {
    KafkaConsumer<String, String> consumer =
        protocol.consumer(
            clients,
            topic,
            "enable.auto.commit",
            commits.autoCommit(),
            "client.id",
            name.toLowerCase(Locale.ROOT));
    return GroupMember.of(name, consumer, recorder, commits, topic);
  }

  private void awaitShared(String topic, List<GroupMember> members) throws Exception {
    List<String> names = members.stream().map(GroupMember::name).toList();
    KafkaClients.await(
        topic + " is shared by " + names, () -> recorder.isShared(topic, PARTITIONS, names));
  }

  private void awaitDeliveries() throws Exception {
    long before = recorder.deliveredCount();
    KafkaClients.await("records come", () -> recorder.deliveredCount() > before + 1000);
  }

  private boolean isCaughtUp(String group, String topic) throws Exception {
    try (var admin = clients.admin();
        var consumer = clients.consumer()) {
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      return consumer.endOffsets(KafkaClients.partitions(topic, PARTITIONS)).entrySet().stream()
          .allMatch(
              end -> {
                OffsetAndMetadata offset = committed.get(end.getKey());
                return offset != null && offset.offset() == end.getValue();
              });
    }
  }

  private static void restartAfterKill() throws Exception {
    BROKER.process().kill();
    BROKER.process().launch();
    BROKER.process().awaitReady();
  }

  private static void closeAll(List<GroupMember> members) {
    for (GroupMember member : members) {
      member.close();
    }
  }
}
