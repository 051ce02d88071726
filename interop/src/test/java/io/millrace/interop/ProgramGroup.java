package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.BrokerProcess;
import java.util.ArrayList;
import java.util.List;

/// A group of programs beside the test: members come, leave and are killed while records are
/// written, and so is the broker if the program can bear that. Every record must come, and no
/// partition may have two owners.
final class ProgramGroup {
  static final int PARTITIONS = 6;

  /// Starts a member that subscribes to the topic in the group of the same name, and tells the
  /// recorder what it owns and gets.
  interface Program {
    LineProcess start(String name, String topic, GroupRecorder recorder) throws Exception;
  }

  private record Member(String name, LineProcess process) {}

  private final BrokerProcess broker;
  private final GroupRecorder recorder;
  private final Program program;
  private final String topic;
  private final List<Member> members = new ArrayList<>();

  ProgramGroup(BrokerProcess broker, GroupRecorder recorder, Program program, String topic) {
    this.broker = broker;
    this.recorder = recorder;
    this.program = program;
    this.topic = topic;
  }

  /// @param killBroker whether the broker is killed too
  /// @param droppedByLeaving how many records a member may commit without taking them when it
  ///   leaves
  void run(boolean killBroker, int droppedByLeaving) throws Exception {
    var clients = new KafkaClients(broker.bootstrap());
    clients.createTopic(topic, PARTITIONS);
    try (var numbers = new NumberStream(clients, topic, PARTITIONS, recorder)) {
      join("a");
      join("b");
      awaitShared();
      join("c");
      awaitShared();
      awaitDeliveries();
      if (killBroker) {
        broker.kill();
        broker.launch();
        broker.awaitReady();
        awaitDeliveries();
      }
      Member leaving = members.removeFirst();
      leaving.process().terminate();
      ended(leaving);
      awaitShared();
      Member killed = members.removeFirst();
      killed.process().kill();
      ended(killed);
      join("d");
      awaitShared();
      numbers.finish();
      await("every record came", () -> recorder.missing().size() <= droppedByLeaving);
    } finally {
      members.forEach(member -> member.process().close());
    }
    assertThat(recorder.violations()).isEmpty();
  }

  private void ended(Member member) {
    recorder.endedAll(member.name(), GroupRecorder.End.DIED, System.nanoTime());
  }

  private void join(String name) throws Exception {
    members.add(new Member(name, program.start(name, topic, recorder)));
  }

  private void awaitShared() throws Exception {
    List<String> names = members.stream().map(Member::name).toList();
    await(topic + " is shared by " + names, () -> recorder.isShared(topic, PARTITIONS, names));
  }

  private void awaitDeliveries() throws Exception {
    long before = recorder.deliveredCount();
    await("records come", () -> recorder.deliveredCount() > before + 1000);
  }

  private void await(String what, java.util.concurrent.Callable<Boolean> condition)
      throws Exception {
    try {
      KafkaClients.await(what, condition);
    } catch (AssertionError e) {
      var said = new StringBuilder(e.getMessage());
      said.append("; missing: ").append(recorder.missing());
      for (Member member : members) {
        said.append("\n").append(member.name()).append(" owns ");
        said.append(recorder.ownedBy(member.name())).append(" and said:\n");
        said.append(member.process().tail());
      }
      throw new AssertionError(said.toString(), e);
    }
  }
}
