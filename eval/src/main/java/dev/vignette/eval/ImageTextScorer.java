package dev.vignette.eval;

import dev.vignette.images.RgbImage.ImageReadOptions;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Scores how well captions go with images: CLIPScore and RefCLIPScore. */
public interface ImageTextScorer extends AutoCloseable {

  /**
   * An image with its captions.
   *
   * @param image its file
   * @param candidate the caption to score
   * @param references its references, at least one
   */
  record Item(Path image, String candidate, List<String> references) {
    public Item {
      references = List.copyOf(references);
    }
  }

  /**
   * Scores in the order of the items; those of an unreadable image mean nothing.
   *
   * @param clip CLIPScore, 2.5 · max(cosine, 0)
   * @param refClip RefCLIPScore, or empty when it was not asked for
   * @param unreadable why an image could not be scored, by the place of its item
   * @param notes what a reader of the figures should know, such as truncated captions; whole
   *     sentences
   */
  @SuppressWarnings("ArrayRecordComponent") // columns of numbers, never compared
  record Scores(
      double[] clip, double[] refClip, Map<Integer, String> unreadable, List<String> notes) {
    public Scores {
      unreadable = Collections.unmodifiableMap(new TreeMap<>(unreadable));
      notes = List.copyOf(notes);
    }
  }

  /**
   * Scores all items.
   *
   * @param withReferences whether RefCLIPScore is wanted too
   */
  Scores score(List<Item> items, boolean withReferences);

  /** What the scores depend on, by name: prefix, precision, model hash. */
  Map<String, String> fingerprint();

  /** Frees the model. */
  @Override
  void close();

  /**
   * Which CLIP model scores, and how.
   *
   * @param model a folder with {@code config.json}, {@code model.safetensors}, {@code
   *     tokenizer.json}
   * @param prefix what stands before every caption: empty in the homework's way, {@code "A photo
   *     depicts "} in jmhessel's
   * @param upright whether images are seen as people see them, turned as their EXIF data say and
   *     transparent ones over white; the reference neither turns them nor looks at transparency
   */
  record ClipRequest(Path model, String prefix, boolean upright) {
    /** How a file becomes pixels. */
    public ImageReadOptions reading() {
      return upright ? ImageReadOptions.DEFAULT : ImageReadOptions.PILLOW;
    }
  }
}
