package io.millrace.replication;

/// How much one fetch wants.
///
/// `minBytes`: how many bytes of records are worth answering for before the time is up. `maxBytes`:
/// how many all partitions together may have, unless the first batch alone is larger. `onlyNews`:
/// whether partitions with nothing new are left out of the answer, as in an incremental fetch.
public record FetchLimits(IsolationLevel isolation, int minBytes, int maxBytes, boolean onlyNews) {}
