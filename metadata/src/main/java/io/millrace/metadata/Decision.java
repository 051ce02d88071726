package io.millrace.metadata;

import io.millrace.metadata.record.MetadataRecord;
import java.util.List;

/// What a controller decided: the records to write, all or none of them, and the answer to give
/// once they are committed.
public record Decision<A>(List<MetadataRecord> records, A answer) {
  public Decision {
    records = List.copyOf(records);
  }

  /// An answer that changes nothing.
  static <A> Decision<A> unchanged(A answer) {
    return new Decision<>(List.of(), answer);
  }
}
