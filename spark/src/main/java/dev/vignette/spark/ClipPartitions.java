package dev.vignette.spark;

import dev.vignette.eval.ImageTextScorer.ClipRequest;
import dev.vignette.files.sentences.FailureText;
import dev.vignette.spark.ExecutorModels.ModelKey;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/**
 * Scores the rows of a partition with the CLIP of its executor.
 *
 * @param folder of the model
 * @param prefix stands before each caption
 * @param upright whether images are turned as their EXIF data say
 * @param key the place of the text that names an image
 * @param image the place of the bytes of its file
 * @param caption the place of its caption
 * @param kept the places of what stays
 */
@SuppressWarnings("ArrayRecordComponent") // places, never compared
record ClipPartitions(
    String folder, String prefix, boolean upright, int key, int image, int caption, int[] kept)
    implements MapPartitionsFunction<Row, Row> {

  private static final ExecutorModels<OpenClip> MODELS = new ExecutorModels<>();
  private static final int BATCH = 64;
  private static final String DEVICE = "torch";

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    ClipRequest request = new ClipRequest(ModelPath.find("the CLIP", folder), prefix, upright);
    ExecutorModels<OpenClip>.Lease lease =
        MODELS.lease(new ModelKey(request, DEVICE, false), () -> OpenClip.open(request));
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) _ -> lease.close());
    return new ScoredRows(rows, lease.model());
  }

  /** A row and its score, or why it has none. */
  private record Scored(Row row, @Nullable Double score, @Nullable String error) {}

  /** Scores rows by batches, in their order. */
  private final class ScoredRows implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final OpenClip clip;
    private Iterator<Scored> batch = List.<Scored>of().iterator();

    ScoredRows(Iterator<Row> rows, OpenClip clip) {
      this.rows = rows;
      this.clip = clip;
    }

    @Override
    public boolean hasNext() {
      return batch.hasNext() || rows.hasNext();
    }

    @Override
    public Row next() {
      if (!batch.hasNext()) {
        batch = scoreBatch().iterator();
      }
      Scored next = batch.next();
      return ColumnPlaces.row(next.row, kept, next.score, next.error);
    }

    private List<Scored> scoreBatch() {
      List<Scored> scored = new ArrayList<>();
      List<Integer> places = new ArrayList<>();
      List<float[]> images = new ArrayList<>();
      List<String> captions = new ArrayList<>();
      while (scored.size() < BATCH && rows.hasNext()) {
        Row row = rows.next();
        if (row.isNullAt(caption) || row.isNullAt(image)) {
          scored.add(new Scored(row, null, "There is no caption or no image to score."));
          continue;
        }
        try {
          images.add(clip.prepare(row.getAs(image), row.isNullAt(key) ? "" : row.getString(key)));
          captions.add(row.getString(caption));
          places.add(scored.size());
          scored.add(new Scored(row, null, null));
        } catch (RuntimeException | OutOfMemoryError unreadable) {
          scored.add(new Scored(row, null, FailureText.of(unreadable)));
        }
      }
      try {
        keep(clip.scores(images, captions), places, scored);
      } catch (IllegalArgumentException unsayable) {
        for (int i = 0; i < places.size(); i++) {
          alone(images.get(i), captions.get(i), places.get(i), scored);
        }
      }
      return scored;
    }

    private void keep(List<Double> scores, List<Integer> places, List<Scored> scored) {
      for (int i = 0; i < scores.size(); i++) {
        int place = places.get(i);
        scored.set(place, new Scored(scored.get(place).row, scores.get(i), null));
      }
    }

    /** A caption that the tokenizer cannot say has its own error, and not that of its batch. */
    private void alone(float[] prepared, String text, int place, List<Scored> scored) {
      try {
        keep(clip.scores(List.of(prepared), List.of(text)), List.of(place), scored);
      } catch (IllegalArgumentException unsayable) {
        scored.set(place, new Scored(scored.get(place).row, null, FailureText.of(unsayable)));
      }
    }
  }
}
