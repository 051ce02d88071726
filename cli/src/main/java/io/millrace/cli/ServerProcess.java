package io.millrace.cli;

import io.millrace.broker.BrokerServer;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.Listener;
import io.millrace.host.jdk.JdkHost;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The process of `millrace server`: starts the broker, says when it serves, stops it on SIGTERM
/// and SIGINT.
///
/// [State] goes STARTING → SERVING → STOPPING, or STARTING → STOPPING if the start fails or a
/// signal comes before the broker serves. The main thread makes the first step, the shutdown hook
/// the others.
final class ServerProcess {
  private static final Logger LOG = LoggerFactory.getLogger(ServerProcess.class);

  private enum State {
    STARTING,
    SERVING,
    STOPPING
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.STARTING);
  private final BrokerConfig config;
  private final BrokerServer broker;

  private ServerProcess(BrokerConfig config) {
    this.config = config;
    this.broker = new BrokerServer(new JdkHost(ServerProcess::taskFailed), config);
  }

  /// Runs a server until a signal ends the process. Returns only if it could not be started.
  static int run(ServerOptions options) {
    try {
      new ServerProcess(ServerSettings.read(options)).run();
      return Millrace.OK;
    } catch (Exception | Error e) {
      return explain(e);
    }
  }

  private static int explain(Throwable failure) {
    return StartFailure.explain(failure)
        .map(
            line -> {
              System.err.println("millrace: " + line);
              return Millrace.MISTAKE;
            })
        .orElseGet(
            () -> {
              LOG.error("The server failed to start. This is a bug; please report it.", failure);
              return Millrace.BUG;
            });
  }

  private void run() throws Exception {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
    try {
      broker.start();
    } catch (Exception | Error e) {
      state.set(State.STOPPING);
      throw e;
    }
    if (state.compareAndSet(State.STARTING, State.SERVING)) {
      announce();
    }
    new CountDownLatch(1).await(); // the hook ends the process
  }

  private void announce() {
    System.out.println(
        "millrace is ready: bootstrap "
            + bootstrap()
            + ", data "
            + config.storage().directory()
            + ", durability "
            + config.settings().string("log.durability")
            + ", "
            + ProcessAge.millis()
            + " ms since process start");
    System.out.flush();
    for (Listener listener : config.network().listeners()) {
      if (!listener.isLoopback()) {
        LOG.warn(
            "Listener {} is open to the network: this version has neither encryption nor"
                + " authentication",
            listener.name());
      }
    }
  }

  private String bootstrap() {
    List<String> addresses = broker.endpoints().stream().map(Object::toString).toList();
    return String.join(",", addresses);
  }

  /// The shutdown hook. It ends the process itself, because after a signal the JVM would exit with
  /// a code that tells of the signal, not of how the stop went.
  private void stop() {
    State before = state.getAndSet(State.STOPPING);
    if (before == State.STOPPING) {
      return; // the start failed, and its exit code stands
    }
    int code = Millrace.OK;
    if (before == State.SERVING) {
      LOG.info("Stopping");
      code = stopBroker();
    } else {
      LOG.info("Stopped before the start was done");
    }
    Runtime.getRuntime().halt(code);
  }

  private int stopBroker() {
    try {
      broker.stop();
      LOG.info("Stopped");
      return Millrace.OK;
    } catch (Exception e) {
      LOG.error("The stop was not clean; the next start recovers", e);
      return Millrace.BUG;
    }
  }

  /// What a failed task was responsible for is done by nobody any more: the process ends at once,
  /// as if the machine had failed, which the data is safe against.
  private static void taskFailed(String task, Throwable failure) {
    LOG.error("Task {} failed; the process ends. This is a bug; please report it.", task, failure);
    Runtime.getRuntime().halt(Millrace.BUG);
  }
}
