package io.millrace.coordinator.group.assignor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;

/// Gives every member a range of each topic that it is subscribed to: of topics with the same
/// subscribers and the same number of partitions, every member gets the same range, so that what
/// belongs together by key is read together.
///
/// Members take their places in order, those with an instance id first and by that, the others by
/// member id: a static member that comes back under another id finds its ranges again.
public final class RangeAssignor implements Assignor {
  @Override
  public String name() {
    return "range";
  }

  @Override
  public SortedMap<String, Assignment> assign(Group group) {
    Layout layout = new Layout(group);
    int[] place = places(layout);
    int[] owners = new int[layout.partitionCount()];
    for (int topic = 0; topic < layout.topics.length; topic++) {
      List<Integer> members = new ArrayList<>();
      for (int member : layout.subscribers[topic]) {
        members.add(member);
      }
      members.sort(Comparator.comparingInt(member -> place[member]));
      assignTopic(layout, topic, members, owners);
    }
    return layout.assignments(owners);
  }

  private static void assignTopic(Layout layout, int topic, List<Integer> members, int[] owners) {
    int next = layout.firstPartition[topic];
    int count = layout.topics[topic].partitionCount();
    if (members.isEmpty()) {
      Arrays.fill(owners, next, next + count, -1);
      return;
    }
    int share = count / members.size();
    int extra = count % members.size();
    for (int i = 0; i < members.size(); i++) {
      int end = next + share + (i < extra ? 1 : 0);
      Arrays.fill(owners, next, end, members.get(i));
      next = end;
    }
  }

  /// The place of each member among all.
  private static int[] places(Layout layout) {
    List<Integer> order = new ArrayList<>();
    for (int member = 0; member < layout.members.size(); member++) {
      order.add(member);
    }
    order.sort(
        Comparator.comparing(
                (Integer member) -> layout.members.get(member).instanceId(),
                Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(layout.memberIds::get));
    int[] place = new int[order.size()];
    for (int i = 0; i < place.length; i++) {
      place[order.get(i)] = i;
    }
    return place;
  }
}
