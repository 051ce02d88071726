package io.millrace.broker.api;

/// Which operations a client may do, as the bit sets that responses carry (KIP-430): bit n is
/// Kafka's `AclOperation` with code n. Without an authorizer everybody may do everything.
final class AuthorizedOperations {
  /// The client did not ask.
  static final int NOT_ASKED = Integer.MIN_VALUE;

  private static final int READ = 1 << 3;
  private static final int WRITE = 1 << 4;
  private static final int CREATE = 1 << 5;
  private static final int DELETE = 1 << 6;
  private static final int ALTER = 1 << 7;
  private static final int DESCRIBE = 1 << 8;
  private static final int CLUSTER_ACTION = 1 << 9;
  private static final int DESCRIBE_CONFIGS = 1 << 10;
  private static final int ALTER_CONFIGS = 1 << 11;
  private static final int IDEMPOTENT_WRITE = 1 << 12;

  private AuthorizedOperations() {}

  static int onTopic(boolean asked) {
    return asked
        ? READ | WRITE | CREATE | DELETE | ALTER | DESCRIBE | DESCRIBE_CONFIGS | ALTER_CONFIGS
        : NOT_ASKED;
  }

  static int onGroup(boolean asked) {
    return asked ? READ | DELETE | DESCRIBE | DESCRIBE_CONFIGS | ALTER_CONFIGS : NOT_ASKED;
  }

  static int onCluster(boolean asked) {
    return asked
        ? CREATE
            | ALTER
            | DESCRIBE
            | CLUSTER_ACTION
            | DESCRIBE_CONFIGS
            | ALTER_CONFIGS
            | IDEMPOTENT_WRITE
        : NOT_ASKED;
  }
}
