package dev.vignette.eval.clip;

import dev.vignette.files.ContentHash;
import dev.vignette.torch.clip.ClipModel;
import dev.vignette.torch.clip.TextEmbeddings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;
import java.util.StringJoiner;

/**
 * CLIPScore and RefCLIPScore (Hessel et al., 2021; jmhessel/clipscore, {@code clipscore.py}), with
 * any CLIP. References are embedded once, however many systems are scored by them. Not for several
 * threads at once.
 */
public final class ClipScorer {
  private static final double WEIGHT = 2.5;

  private final ClipModel clip;
  private final ImageEmbeddings images;
  private final String prefix;
  private final Map<String, KnownText> known = new HashMap<>();

  /** A text's embedding, and whether it was cut. */
  @SuppressWarnings("ArrayRecordComponent") // read only, never compared
  private record KnownText(float[] vector, boolean truncated) {}

  /**
   * @param clip embeds the texts
   * @param images embeds the images, with the same model
   * @param prefix goes before every caption and reference; empty in the homework's way
   */
  public ClipScorer(ClipModel clip, ImageEmbeddings images, String prefix) {
    this.clip = clip;
    this.images = images;
    this.prefix = prefix;
  }

  /**
   * Scores captions.
   *
   * @param files the images by key
   * @param captions one an image, under the same keys
   * @param references captions by people, under the same keys; images without any get no
   *     RefCLIPScore
   * @throws IllegalArgumentException when an image has no caption
   */
  public ClipScores score(
      SequencedMap<String, Path> files,
      Map<String, String> captions,
      Map<String, List<String>> references)
      throws IOException {
    ImageEmbeddings.Result embedded = images.embed(List.copyOf(files.values()));
    List<String> keys =
        files.keySet().stream().filter(k -> embedded.vectors().containsKey(files.get(k))).toList();
    List<String> texts = texts(keys, captions, references);
    List<KnownText> embeddedTexts = embed(texts);
    SequencedMap<String, ClipScores.Score> scores = new LinkedHashMap<>();
    int at = 0;
    for (String key : keys) {
      int end = at + 1 + references.getOrDefault(key, List.of()).size();
      float[] image = Objects.requireNonNull(embedded.vectors().get(files.get(key)));
      scores.put(key, score(image, embeddedTexts.subList(at, end)));
      for (int reference = at + 1; reference < end; reference++) {
        known.putIfAbsent(texts.get(reference), embeddedTexts.get(reference));
      }
      at = end;
    }
    int truncated = (int) embeddedTexts.stream().filter(KnownText::truncated).count();
    StringJoiner pictures = new StringJoiner(" ");
    files.values().forEach(file -> pictures.add(embedded.hashes().getOrDefault(file, "")));
    return new ClipScores(
        scores, truncated, embedded.unreadable(), ContentHash.ofText(pictures.toString()));
  }

  /** Of each image the caption, then the references. */
  private List<String> texts(
      List<String> keys, Map<String, String> captions, Map<String, List<String>> references) {
    List<String> texts = new ArrayList<>();
    for (String key : keys) {
      String caption = captions.get(key);
      if (caption == null) {
        throw new IllegalArgumentException("Image %s has no caption to score".formatted(key));
      }
      texts.add(prefix + caption);
      references.getOrDefault(key, List.of()).forEach(text -> texts.add(prefix + text));
    }
    return texts;
  }

  /** One a text; only those not known from an earlier call are computed. */
  private List<KnownText> embed(List<String> texts) {
    List<String> fresh = texts.stream().filter(text -> !known.containsKey(text)).toList();
    TextEmbeddings computed = clip.textEmbeddings(fresh);
    Set<Integer> truncated = Set.copyOf(computed.truncated());
    List<KnownText> embedded = new ArrayList<>(texts.size());
    int next = 0;
    for (String text : texts) {
      KnownText before = known.get(text);
      if (before == null) {
        before = new KnownText(computed.vectors().get(next), truncated.contains(next));
        next++;
      }
      embedded.add(before);
    }
    return embedded;
  }

  /** The first text is the caption, the others are references. */
  private static ClipScores.Score score(float[] image, List<KnownText> texts) {
    float[] caption = texts.getFirst().vector();
    double clipScore = clipScore(image, caption);
    OptionalDouble best =
        texts.stream().skip(1).mapToDouble(reference -> cosine(caption, reference.vector())).max();
    if (best.isEmpty()) {
      return new ClipScores.Score(clipScore, OptionalDouble.empty());
    }
    double reference = Math.max(0, best.getAsDouble());
    double sum = clipScore + reference;
    return new ClipScores.Score(
        clipScore, OptionalDouble.of(sum == 0 ? 0 : 2 * clipScore * reference / sum));
  }

  /**
   * CLIPScore of embeddings: 2.5 · max(cosine, 0).
   *
   * @param image of an image, need not be normalised
   * @param caption of a text by the same model
   */
  public static double clipScore(float[] image, float[] caption) {
    return WEIGHT * Math.max(0, cosine(image, caption));
  }

  private static double cosine(float[] a, float[] b) {
    double product = 0;
    double squaresOfA = 0;
    double squaresOfB = 0;
    for (int i = 0; i < a.length; i++) {
      product += (double) a[i] * b[i];
      squaresOfA += (double) a[i] * a[i];
      squaresOfB += (double) b[i] * b[i];
    }
    return product / Math.sqrt(squaresOfA * squaresOfB);
  }
}
