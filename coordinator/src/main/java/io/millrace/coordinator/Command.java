package io.millrace.coordinator;

/// Something asked of a machine: usually one of its methods, called in a lambda.
@FunctionalInterface
public interface Command<M extends Machine, A> {
  Decision<A> decide(M machine, Now now);
}
