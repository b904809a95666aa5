package dev.vignette.eval.clip;

import dev.vignette.eval.ImageTextScorer;
import dev.vignette.eval.ImageTextScorer.ClipRequest;
import dev.vignette.torch.clip.ClipModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Items in order for {@link ClipScorer}, which knows images by key. */
final class ClipTextScorer implements ImageTextScorer {
  private final ClipModel clip;
  private final ClipScorer scorer;
  private final ImageEmbeddings images;
  private final SequencedMap<String, String> fingerprint = new LinkedHashMap<>();

  ClipTextScorer(
      ClipModel clip, ImageEmbeddings images, ClipRequest request, String key, String engine) {
    this.clip = clip;
    this.images = images;
    this.scorer = new ClipScorer(clip, images, request.prefix());
    fingerprint.put("clip", key + "-crop-openai");
    fingerprint.put("pixels", request.upright() ? "upright over white" : "as stored");
    fingerprint.put("prefix", request.prefix().isEmpty() ? "none" : request.prefix().strip());
    fingerprint.put("precision", "float32");
    fingerprint.put("engine", engine);
  }

  @Override
  public Scores score(List<Item> items, boolean withReferences) {
    SequencedMap<String, Path> files = new LinkedHashMap<>();
    Map<String, String> captions = new LinkedHashMap<>();
    Map<String, List<String>> references = new LinkedHashMap<>();
    for (int i = 0; i < items.size(); i++) {
      String key = Integer.toString(i);
      files.put(key, items.get(i).image());
      captions.put(key, items.get(i).candidate());
      references.put(key, withReferences ? items.get(i).references() : List.of());
    }
    try {
      ClipScores scores = scorer.score(files, captions, references);
      fingerprint.put("pictures", scores.pictures().substring(0, 32));
      return inOrder(items, scores, withReferences);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Scores inOrder(List<Item> items, ClipScores scores, boolean withReferences) {
    double[] plain = new double[items.size()];
    double[] withReference = new double[withReferences ? items.size() : 0];
    Map<Integer, String> unreadable = new LinkedHashMap<>();
    for (int i = 0; i < items.size(); i++) {
      ClipScores.Score score = scores.images().get(Integer.toString(i));
      if (score == null) {
        unreadable.put(i, scores.unreadable().getOrDefault(items.get(i).image(), "unreadable"));
      } else {
        plain[i] = score.clipScore();
        if (withReferences) {
          withReference[i] = score.refClipScore().orElse(Double.NaN);
        }
      }
    }
    List<String> notes = new ArrayList<>();
    if (scores.truncated() > 0) {
      notes.add(
          "%d captions and references are longer than CLIP's %d tokens and were cut, the end token kept."
              .formatted(scores.truncated(), clip.maxTokens()));
    }
    if (!images.trouble().isEmpty()) {
      notes.add(images.trouble());
    }
    return new Scores(plain, withReference, unreadable, notes);
  }

  @Override
  public Map<String, String> fingerprint() {
    return Collections.unmodifiableSequencedMap(fingerprint);
  }

  @Override
  public void close() {
    clip.close();
  }
}
