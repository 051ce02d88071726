package io.millrace.coordinator.group;

import io.millrace.protocol.MalformedMessageException;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.message.ConsumerProtocolSubscription;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads the little that the coordinator has to know of what consumers tell their leader.
final class Subscriptions {
  private Subscriptions() {}

  /// The topics that a consumer subscribes to; null if the bytes are not what consumers write.
  ///
  /// Later versions of the schema only append to version 0.
  static @Nullable SortedSet<String> topics(byte[] metadata) {
    MessageReader reader = new MessageReader(ByteBuffer.wrap(metadata));
    try {
      if (reader.readInt16() < 0) {
        return null;
      }
      return new TreeSet<>(ConsumerProtocolSubscription.read(reader, (short) 0).topics());
    } catch (MalformedMessageException e) {
      return null;
    }
  }

  /// The topics that any of these members subscribes to with that protocol; null if that of one of
  /// them cannot be read.
  static @Nullable SortedSet<String> topics(
      Collection<ClassicMember> members, @Nullable String protocol) {
    TreeSet<String> all = new TreeSet<>();
    for (ClassicMember member : members) {
      SortedSet<String> read = topics(member.metadata(protocol));
      if (read == null) {
        return null;
      }
      all.addAll(read);
    }
    return all;
  }
}
