package dev.vignette.spark;

import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.CaptionDetails.ScoredToken;
import dev.vignette.captions.run.ModelLostException;
import dev.vignette.files.sentences.FailureText;
import dev.vignette.spark.CaptionColumns.Added;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.spark.sql.Row;

/**
 * The rows of a partition with their captions, in their order. So many images are handed in before
 * the first is waited for as the models have in hand at once, so that one task alone keeps them
 * busy.
 */
final class CaptionedRows implements Iterator<Row>, AutoCloseable {
  private final Iterator<Row> rows;
  private final List<ExecutorModels<OpenCaptioner<?>>.Lease> models;
  private final CaptionColumns columns;
  private final String fingerprint;
  private final CaptionMetrics metrics;
  private final Deque<Asked> asked = new ArrayDeque<>();
  private int next;

  /** A row, and what will be its caption. */
  private record Asked(
      Row row,
      ExecutorModels<OpenCaptioner<?>>.Lease model,
      CompletableFuture<List<CaptionDetails>> captions) {}

  /**
   * @param models one a device, filled before the first row is asked for; given back when this is
   *     closed
   */
  CaptionedRows(
      Iterator<Row> rows,
      List<ExecutorModels<OpenCaptioner<?>>.Lease> models,
      CaptionColumns columns,
      String fingerprint,
      CaptionMetrics metrics) {
    this.rows = rows;
    this.models = models;
    this.columns = columns;
    this.fingerprint = fingerprint;
    this.metrics = metrics;
  }

  @Override
  public boolean hasNext() {
    return !asked.isEmpty() || rows.hasNext();
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    int most = models.stream().mapToInt(lease -> lease.model().capacity()).sum();
    while (asked.size() <= most && rows.hasNext()) {
      asked.add(ask(rows.next()));
    }
    Asked first = asked.remove();
    return columns.with(first.row, answer(first), fingerprint);
  }

  /** Models take images in turn. */
  private Asked ask(Row row) {
    ExecutorModels<OpenCaptioner<?>>.Lease model = models.get(next++ % models.size());
    String error = columns.knownError(row);
    byte[] image = columns.image(row);
    if (error == null && image == null) {
      error = "The row has no image.";
    }
    return new Asked(
        row,
        model,
        image == null || error != null
            ? CompletableFuture.failedFuture(new IllegalArgumentException(error))
            : model.model().caption(columns.key(row), image));
  }

  private Added answer(Asked asked) {
    try {
      CaptionDetails caption = asked.captions.get().getFirst();
      metrics.count(caption);
      return new Added(
          caption.caption(),
          null,
          caption.tokens().size(),
          caption.tokens().stream().mapToDouble(ScoredToken::logProbability).sum(),
          CaptionMetrics.millis(caption));
    } catch (ExecutionException failure) {
      Throwable reason = failure.getCause();
      if (reason instanceof ModelLostException lost) {
        asked.model.discard();
        throw lost;
      }
      metrics.countFailed();
      return Added.failed(FailureText.of(reason == null ? failure : reason));
    } catch (InterruptedException killed) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("The task was killed.", killed);
    }
  }

  /** Gives up the images that nobody will ask for any more, and the models back. */
  @Override
  public void close() {
    asked.forEach(one -> one.captions.cancel(false));
    asked.clear();
    models.forEach(lease -> lease.close());
  }
}
