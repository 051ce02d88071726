package io.millrace.simulator;

import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;

/// Makes virtual threads that an executor of ours schedules, which the JDK can do but does not
/// offer.
final class SimulatedThreads {
  private static final Method NEW_VIRTUAL_THREAD = newVirtualThread();

  private SimulatedThreads() {}

  /// An unstarted thread. Whenever it can continue, `scheduler` is given what continues it.
  static Thread create(Executor scheduler, String name, Runnable body) {
    try {
      return (Thread) NEW_VIRTUAL_THREAD.invoke(null, scheduler, name, 0, body);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new LinkageError("this JDK does not make virtual threads as JDK 25 does", e);
    }
  }

  private static Method newVirtualThread() {
    try {
      Method method =
          Class.forName("java.lang.ThreadBuilders")
              .getDeclaredMethod(
                  "newVirtualThread", Executor.class, String.class, int.class, Runnable.class);
      method.setAccessible(true);
      return method;
    } catch (InaccessibleObjectException e) {
      throw new IllegalStateException(
          "the simulator needs the JVM flag --add-opens java.base/java.lang=ALL-UNNAMED", e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("this JDK does not make virtual threads as JDK 25 does", e);
    }
  }
}
