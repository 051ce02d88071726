/// What one broker does for the partitions it hosts: leading them
/// ([io.millrace.replication.Partition]), moving their high watermark, and answering fetches
/// ([io.millrace.replication.FetchSession]).
@NullMarked
package io.millrace.replication;

import org.jspecify.annotations.NullMarked;
