package io.millrace.generator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// The source of the enum `ApiKey`.
final class ApiKeySource {
  /// A request and its response.
  private record Api(String name, int id, MessageSchema request, MessageSchema response) {
    String constant() {
      return JavaText.constantName(name);
    }
  }

  private ApiKeySource() {}

  static String of(String packageName, List<MessageSchema> messages) {
    List<Api> apis = apis(messages);
    JavaWriter out = new JavaWriter();
    out.doc("The APIs of the protocol: keys, versions, and how to read their messages.", "");
    out.open("public enum ApiKey");
    for (int i = 0; i < apis.size(); i++) {
      constant(out, apis.get(i), i == apis.size() - 1 ? ";" : ",");
    }
    out.line(
        MEMBERS
            .replace("$LOWEST_UNUSED_ID", apis.getLast().id() + 1 + "")
            .replace("$READ_REQUEST", reads(apis, true))
            .replace("$READ_RESPONSE", reads(apis, false))
            .stripTrailing());
    out.close();
    String imports =
        "import java.util.Arrays;\nimport java.util.List;\nimport java.util.Optional;\n";
    return MessageSource.head(packageName, "ApiMessage MessageReader").stripTrailing()
        + "\n"
        + imports
        + "\n"
        + out;
  }

  private static List<Api> apis(List<MessageSchema> messages) {
    Map<Integer, MessageSchema> requests = byKey(messages, MessageSchema.Type.REQUEST);
    Map<Integer, MessageSchema> responses = byKey(messages, MessageSchema.Type.RESPONSE);
    if (requests.isEmpty() || !requests.keySet().equals(responses.keySet())) {
      throw new InvalidSchemaException(
          "requests "
              + requests.keySet()
              + " and responses "
              + responses.keySet()
              + " do not pair");
    }
    List<Api> apis = new ArrayList<>();
    requests.forEach(
        (id, request) -> {
          MessageSchema response = Objects.requireNonNull(responses.get(id));
          String name = request.name().substring(0, request.name().length() - "Request".length());
          if (!request.name().equals(name + "Request")
              || !response.name().equals(name + "Response")) {
            throw new InvalidSchemaException(
                request.name() + " and " + response.name() + " have the same key " + id);
          }
          if (!request.body().versions().equals(response.body().versions())) {
            throw new InvalidSchemaException(
                request.name() + " and " + response.name() + " have different versions");
          }
          apis.add(new Api(name, id, request, response));
        });
    apis.sort(Comparator.comparingInt(Api::id));
    return apis;
  }

  private static Map<Integer, MessageSchema> byKey(
      List<MessageSchema> messages, MessageSchema.Type type) {
    Map<Integer, MessageSchema> result = new TreeMap<>();
    for (MessageSchema message : messages) {
      if (message.type() == type && result.put(message.apiKey().orElseThrow(), message) != null) {
        throw new InvalidSchemaException(message.name() + ": its key is taken");
      }
    }
    return result;
  }

  private static void constant(JavaWriter out, Api api, String end) {
    Versions versions = api.request().body().versions();
    StringBuilder listeners = new StringBuilder();
    for (String listener : api.request().listeners()) {
      listeners.append(", Listener.").append(JavaText.constantName(listener).replace("_", ""));
    }
    out.line(
        "%s(%d, %d, %d, %b, %d, %d%s)%s"
            .formatted(
                api.constant(),
                api.id(),
                versions.lowest(),
                versions.highest(),
                api.request().latestVersionUnstable(),
                firstFlexible(api.request()),
                // The client does not know yet what the broker can do: KIP-511.
                api.name().equals("ApiVersions") ? Short.MAX_VALUE : firstFlexible(api.response()),
                listeners,
                end));
  }

  private static int firstFlexible(MessageSchema message) {
    return message.body().isFlexible()
        ? message.body().flexibleVersions().lowest()
        : Short.MAX_VALUE;
  }

  private static String reads(List<Api> apis, boolean request) {
    StringBuilder out = new StringBuilder();
    for (Api api : apis) {
      String name = request ? api.request().name() : api.response().name();
      out.append("      case %s -> %s.read(reader, version);%n".formatted(api.constant(), name));
    }
    return out.toString();
  }

  private static final String MEMBERS =
      """

        /// Where an API is served.
        public enum Listener {
          BROKER,
          CONTROLLER
        }

        private static final ApiKey[] BY_ID = byId();

        private final short id;
        private final short lowestVersion;
        private final short highestVersion;
        private final boolean latestVersionUnstable;
        private final int firstFlexibleRequest;
        private final int firstFlexibleResponse;
        private final List<Listener> listeners;

        ApiKey(
            int id,
            int lowestVersion,
            int highestVersion,
            boolean latestVersionUnstable,
            int firstFlexibleRequest,
            int firstFlexibleResponse,
            Listener... listeners) {
          this.id = (short) id;
          this.lowestVersion = (short) lowestVersion;
          this.highestVersion = (short) highestVersion;
          this.latestVersionUnstable = latestVersionUnstable;
          this.firstFlexibleRequest = firstFlexibleRequest;
          this.firstFlexibleResponse = firstFlexibleResponse;
          this.listeners = List.of(listeners);
        }

        /// The API with this key; empty for a key that is unknown or whose API is gone.
        public static Optional<ApiKey> forId(short id) {
          return id >= 0 && id < BY_ID.length ? Optional.ofNullable(BY_ID[id]) : Optional.empty();
        }

        /// The key as the header of a request carries it.
        public short id() {
          return id;
        }

        public short lowestVersion() {
          return lowestVersion;
        }

        /// The highest version that can be read and written, be it stable or not.
        public short highestVersion() {
          return highestVersion;
        }

        /// The highest version that will not change any more: what a broker should offer.
        public short highestStableVersion() {
          return (short) (latestVersionUnstable ? highestVersion - 1 : highestVersion);
        }

        /// Whether [#highestVersion] may still change.
        public boolean isLatestVersionUnstable() {
          return latestVersionUnstable;
        }

        /// Whether messages of this version can be read and written.
        public boolean isKnown(short version) {
          return version >= lowestVersion && version <= highestVersion;
        }

        /// Where Kafka serves this API; nowhere if the list is empty.
        public List<Listener> listeners() {
          return listeners;
        }

        /// The version of the header before a request of this version.
        public short requestHeaderVersion(short version) {
          return (short) (version >= firstFlexibleRequest ? 2 : 1);
        }

        /// The version of the header before a response of this version. That of ApiVersions is
        /// always 0: the client cannot know yet what the broker speaks.
        public short responseHeaderVersion(short version) {
          return (short) (version >= firstFlexibleResponse ? 1 : 0);
        }

        public ApiMessage readRequest(MessageReader reader, short version) {
          return switch (this) {
      $READ_REQUEST    };
        }

        public ApiMessage readResponse(MessageReader reader, short version) {
          return switch (this) {
      $READ_RESPONSE    };
        }

        private static ApiKey[] byId() {
          ApiKey[] byId = new ApiKey[$LOWEST_UNUSED_ID];
          Arrays.stream(values()).forEach(api -> byId[api.id] = api);
          return byId;
        }
      """;
}
