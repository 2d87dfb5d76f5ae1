package io.sandbeam.transforms;

import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/** What the commands came to, as rows. */
record ExecRows(PCollection<Row> results, PCollection<Row> failures) {}
