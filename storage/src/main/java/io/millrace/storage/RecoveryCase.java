package io.millrace.storage;

/// Every state that a log can be found in when it is opened, and what is done about it. More than
/// one may apply to a log. "Flushed" is what the last checkpoint says was on stable storage.
///
/// The rule behind the table: what may have been acknowledged is never dropped silently. Only bytes
/// beyond the flushed point with nothing valid after them are cut off; all else that cannot be read
/// is set aside under another name and reported.
public enum RecoveryCase {
  /// Closed in order, and every segment has the size that was noted: opened without reading.
  CLEAN("was closed in order"),

  /// Not closed in order, and nothing follows the flushed point.
  ENDS_AT_FLUSHED("ends where it was flushed"),

  /// Valid batches follow the flushed point, up to the end of the file: they are accepted, and
  /// flushed before anybody sees them.
  VALID_TAIL("has a valid unflushed tail, which was accepted and flushed"),

  /// Beyond the flushed point there is a batch that is not whole or fails its checksum, and no
  /// valid one after it: the write that a crash interrupted. Cut off.
  TORN_TAIL("has a torn tail, which was cut off"),

  /// As [#TORN_TAIL], with nothing but zeros: the file had grown and its bytes were not written.
  ZERO_TAIL("has a tail of zeros, which was cut off"),

  /// Below the flushed point a batch header cannot be read or the file ends: acknowledged records
  /// may be gone. The segment and all later ones are set aside, the valid part before the damage is
  /// copied to a new segment, and the log ends there.
  DAMAGED_BELOW_FLUSHED("is damaged below its flushed point"),

  /// Beyond the flushed point there is an invalid batch, but a valid one after it: no crash of ours
  /// writes that. Set aside as [#DAMAGED_BELOW_FLUSHED].
  DAMAGED_BEFORE_VALID("is damaged with valid batches after the damage"),

  /// A segment below the flushed one is gone or shorter than it was: it and all later ones are set
  /// aside, as far as they are there.
  SEGMENT_MISSING("lacks a segment or part of one"),

  /// The directory of a log that had records holds no segment any more. It starts empty at the
  /// offset where it had ended, so that no offset is given twice.
  ALL_SEGMENTS_MISSING("has lost all its segments"),

  /// A sealed segment has more bytes than it was sealed with: they are cut off.
  SEALED_SEGMENT_LONGER("has a sealed segment with bytes behind its end, which were cut off"),

  /// An index is missing, has another size than noted, does not ascend, or has entries beyond the
  /// end of its segment: rebuilt from the segment. (An index that turns out wrong later, at a
  /// look-up, is rebuilt then.)
  INDEX_REBUILT("had a missing or wrong index, which was rebuilt"),

  /// The producer snapshot is missing or damaged: producers are collected from an older one, or
  /// from all batch headers of the log.
  SNAPSHOT_REBUILT("had no usable producer snapshot, it was rebuilt from the log"),

  /// Files of an interrupted deletion or replacement: removed.
  LEFTOVERS_REMOVED("had leftover files, which were removed"),

  /// A `.swap` file, which this version never writes: set aside.
  SWAP_SET_ASIDE("had a .swap file, which was set aside"),

  /// There is no checkpoint that knows this log (or it was damaged, or of another topic id): every
  /// byte is beyond the flushed point, and is read.
  NO_CHECKPOINT("is not in the checkpoint and was read in full"),

  /// Records had been deleted up to an offset that the log does not reach any more: it starts empty
  /// there.
  START_BEYOND_END("ended before its start offset and was emptied");

  private final String text;

  RecoveryCase(String text) {
    this.text = text;
  }

  /// What is told to the operator, after the name of the log.
  String text() {
    return text;
  }

  /// Whether records may be lost that had been acknowledged: somebody has to look.
  public boolean isDamage() {
    return switch (this) {
      case DAMAGED_BELOW_FLUSHED, DAMAGED_BEFORE_VALID, SEGMENT_MISSING, ALL_SEGMENTS_MISSING ->
          true;
      case CLEAN,
          ENDS_AT_FLUSHED,
          VALID_TAIL,
          TORN_TAIL,
          ZERO_TAIL,
          SEALED_SEGMENT_LONGER,
          INDEX_REBUILT,
          SNAPSHOT_REBUILT,
          LEFTOVERS_REMOVED,
          SWAP_SET_ASIDE,
          NO_CHECKPOINT,
          START_BEYOND_END ->
          false;
    };
  }

  /// Whether the case is part of ordinary operation and not worth a line.
  boolean isOrdinary() {
    return this == CLEAN || this == ENDS_AT_FLUSHED || this == VALID_TAIL || this == NO_CHECKPOINT;
  }
}
