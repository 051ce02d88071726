package io.millrace.metadata;

/// What settings belong to: a topic, a broker, all brokers (a broker with the empty name), a group
/// or a subscription to client metrics.
public record ConfigResource(Type type, String name) implements Comparable<ConfigResource> {
  /// The kinds of resource, with the ids of the protocol and of the metadata log.
  public enum Type {
    TOPIC(2),
    BROKER(4),
    BROKER_LOGGER(8),
    CLIENT_METRICS(16),
    GROUP(32);

    private final byte id;

    Type(int id) {
      this.id = (byte) id;
    }

    public byte id() {
      return id;
    }

    /// The kind with that id; throws `IllegalArgumentException` if there is none.
    public static Type forId(byte id) {
      for (Type type : values()) {
        if (type.id == id) {
          return type;
        }
      }
      throw new IllegalArgumentException("there is no kind of resource with id " + id);
    }

    /// Whether there is a kind with that id.
    public static boolean isKnown(byte id) {
      for (Type type : values()) {
        if (type.id == id) {
          return true;
        }
      }
      return false;
    }
  }

  /// Settings for all brokers.
  public static final ConfigResource ALL_BROKERS = new ConfigResource(Type.BROKER, "");

  public static ConfigResource topic(String name) {
    return new ConfigResource(Type.TOPIC, name);
  }

  public static ConfigResource broker(int id) {
    return new ConfigResource(Type.BROKER, Integer.toString(id));
  }

  @Override
  public int compareTo(ConfigResource other) {
    int byType = Byte.compare(type.id, other.type.id);
    return byType != 0 ? byType : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return type + " '" + name + "'";
  }
}
