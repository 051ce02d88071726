package io.millrace.broker.api;

/// Makes the topics in which coordinators keep their state, when they are first needed.
@FunctionalInterface
public interface InternalTopics {
  /// Waits until the topic is there. Returns false if it cannot be made now.
  boolean ensure(String topic) throws InterruptedException;
}
