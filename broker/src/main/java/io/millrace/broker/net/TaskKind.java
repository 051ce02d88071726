package io.millrace.broker.net;

import io.millrace.host.Tasks;

/// What the tasks of a connection run on. Both of them on the same: a socket that a virtual thread
/// has used costs a thread of its own more system calls.
enum TaskKind {
  VIRTUAL,
  DEDICATED;

  Tasks.Task start(Tasks tasks, String name, Tasks.Body body) {
    return switch (this) {
      case VIRTUAL -> tasks.start(name, body);
      case DEDICATED -> tasks.startDedicated(name, body);
    };
  }
}
