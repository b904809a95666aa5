package dev.vignette.spark;

import dev.vignette.spark.ExecutorModels.ModelKey;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Captions the rows of a partition with the model of its executor. A task that has failed before
 * may have had an image that ends the process: tried again, it captions by a process apart.
 *
 * @param source the captioner
 * @param fingerprint of {@code source}, as the driver sees it
 * @param device where the model computes, unless Spark gives the task cards
 * @param isolation when a process apart captions
 * @param columns of the rows
 * @param metrics of what is done
 */
record CaptionPartitions(
    CaptionerSource source,
    String fingerprint,
    String device,
    Isolation isolation,
    CaptionColumns columns,
    CaptionMetrics metrics)
    implements MapPartitionsFunction<Row, Row> {

  private static final ExecutorModels<OpenCaptioner<?>> MODELS = new ExecutorModels<>();

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    TaskContext task = TaskContext.get();
    boolean apart = isolation.isApart(task);
    List<ExecutorModels<OpenCaptioner<?>>.Lease> leases = new ArrayList<>();
    CaptionedRows captioned = new CaptionedRows(rows, leases, columns, fingerprint, metrics);
    task.addTaskCompletionListener((TaskCompletionListener) _ -> captioned.close());
    for (ComputePlace place : ComputePlace.ofTask(task, device)) {
      ModelKey key = new ModelKey(List.of(source, fingerprint), place.device(), apart);
      leases.add(MODELS.lease(key, () -> open(place, apart)));
    }
    return captioned;
  }

  private OpenCaptioner<?> open(ComputePlace place, boolean apart) {
    String here = source.fingerprint();
    if (!here.equals(fingerprint)) {
      throw new IllegalArgumentException(
          "the model on this machine is another than on the driver (fingerprint %s, not %s); put the same files on all machines"
              .formatted(here, fingerprint));
    }
    return apart ? source.openApart(place) : source.open(place);
  }
}
