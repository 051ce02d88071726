package io.millrace.simulator;

import io.millrace.host.Host;
import io.millrace.host.Tasks;
import io.millrace.host.jdk.JdkHost;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.io.TempDir;

class JdkHostContractTest extends NetContract {
  private final LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
  private final Host host = new JdkHost((task, failure) -> failures.add(failure));

  @TempDir Path dir;

  @Override
  Host host() {
    return host;
  }

  @Override
  Path dir() {
    return dir;
  }

  @Override
  void run(Tasks.Body body) throws Exception {
    host.tasks().start("test", body).join();
    Throwable failure = failures.poll();
    if (failure != null) {
      throw new AssertionError("a task failed: " + failure, failure);
    }
  }
}
