package dev.vignette.eval.clip;

import dev.vignette.files.ContentHash;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.RgbImage;
import dev.vignette.images.RgbImage.ImageReadOptions;
import dev.vignette.images.UnreadableImageException;
import dev.vignette.torch.clip.ClipModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Embeds images in batches, decoding on all processors, and remembers them in a cache. */
public final class ImageEmbeddings {
  private static final int BATCH = 64;

  private final ClipModel clip;
  private final PixelPreprocessor preprocessor;
  private final Optional<EmbeddingCache> cache;
  private final ImageReadOptions reading;
  private String trouble;

  /**
   * Embeds images as the reference reads them: {@link ImageReadOptions#PILLOW}.
   *
   * @param cache of this model's embeddings, see {@link #cacheKey(ClipModel)}
   */
  public ImageEmbeddings(ClipModel clip, Optional<EmbeddingCache> cache) {
    this(clip, cache, ImageReadOptions.PILLOW);
  }

  /**
   * Embeds images.
   *
   * @param cache of this model's embeddings, see {@link #cacheKey(ClipModel, ImageReadOptions)}
   * @param reading how a file becomes pixels
   */
  public ImageEmbeddings(ClipModel clip, Optional<EmbeddingCache> cache, ImageReadOptions reading) {
    this(clip, cache, reading, "");
  }

  /**
   * @param trouble why there is no cache, a sentence; empty if there is one or none is wished
   */
  ImageEmbeddings(
      ClipModel clip, Optional<EmbeddingCache> cache, ImageReadOptions reading, String trouble) {
    this.clip = clip;
    this.cache = cache;
    this.trouble = trouble;
    this.reading = reading;
    this.preprocessor = preprocessor(clip);
  }

  /** How images are made square and normalised for a model. */
  public static PixelPreprocessor preprocessor(ClipModel clip) {
    return PixelPreprocessor.clip(PixelPreprocessor.Framing.CROP_OPENAI, clip.imageSide());
  }

  /** What names a model's cache of images as the reference reads them. */
  public static String cacheKey(ClipModel clip) throws IOException {
    return cacheKey(clip, ImageReadOptions.PILLOW);
  }

  /**
   * What names a model's cache: its weights and their shape, the framing of its pixels, how files
   * are read.
   */
  public static String cacheKey(ClipModel clip, ImageReadOptions reading) throws IOException {
    return "%s-%s-crop-openai-%s-%s"
        .formatted(
            ContentHash.sampled(clip.weightFile()).substring(0, 32),
            ContentHash.of(clip.weightFile().resolveSibling("config.json")).substring(0, 8),
            reading.alpha().name().toLowerCase(Locale.ROOT).replace('_', '-'),
            reading.upright() ? "upright" : "as-stored");
  }

  /**
   * @param vectors by file, not normalised
   * @param hashes of the files that have one
   * @param unreadable files with the reason
   */
  record Result(
      Map<Path, float[]> vectors,
      Map<Path, String> hashes,
      SequencedMap<Path, String> unreadable) {}

  /** An image on its way: hash, then cached vector or pixels or a reason. */
  @SuppressWarnings("ArrayRecordComponent") // read only, never compared
  private record Loaded(
      Path file,
      String hash,
      float @Nullable [] vector,
      float @Nullable [] pixels,
      String reason) {}

  /** Embeds files; an unreadable one is named, not thrown. */
  Result embed(List<Path> files) throws IOException {
    Map<Path, float[]> vectors = new LinkedHashMap<>();
    Map<Path, String> hashes = new HashMap<>();
    SequencedMap<Path, String> unreadable = new LinkedHashMap<>();
    for (int start = 0; start < files.size(); start += BATCH) {
      List<Loaded> batch =
          files.subList(start, Math.min(files.size(), start + BATCH)).parallelStream()
              .map(this::load)
              .toList();
      List<Loaded> fresh = new ArrayList<>();
      for (Loaded image : batch) {
        hashes.put(image.file(), image.hash());
        if (image.vector() != null) {
          vectors.put(image.file(), image.vector());
        } else if (image.pixels() != null) {
          fresh.add(image);
        } else {
          unreadable.put(image.file(), image.reason());
        }
      }
      embedFresh(fresh, vectors);
    }
    return new Result(vectors, hashes, unreadable);
  }

  private void embedFresh(List<Loaded> fresh, Map<Path, float[]> vectors) throws IOException {
    List<float[]> pixels = new ArrayList<>();
    for (Loaded image : fresh) {
      if (image.pixels() != null) {
        pixels.add(image.pixels());
      }
    }
    List<float[]> embedded = clip.imageEmbeddings(pixels);
    Map<String, float[]> byHash = new LinkedHashMap<>();
    for (int i = 0; i < embedded.size(); i++) {
      vectors.put(fresh.get(i).file(), embedded.get(i));
      byHash.put(fresh.get(i).hash(), embedded.get(i));
    }
    keep(byHash);
  }

  /** A cache saves time, and is no reason to have no scores: one that cannot be written is said. */
  private void keep(Map<String, float[]> byHash) {
    if (cache.isPresent() && trouble.isEmpty()) {
      try {
        cache.get().addAll(byHash);
      } catch (IOException failure) {
        trouble =
            "The embeddings of images are not kept in %s (%s): the next evaluation computes them again."
                .formatted(cache.get().file(), failure.getMessage());
      } catch (UncheckedIOException failure) {
        trouble =
            "The embeddings of images are not kept: the next evaluation computes them again. "
                + failure.getMessage();
      }
    }
  }

  /** Why embeddings were not kept, a sentence; empty if they were. */
  String trouble() {
    return trouble;
  }

  private Loaded load(Path file) {
    try {
      String hash = ContentHash.of(file);
      Optional<float[]> known = cache.flatMap(c -> c.get(hash));
      if (known.isPresent()) {
        return new Loaded(file, hash, known.get(), null, "");
      }
      return new Loaded(file, hash, null, preprocessor.pixelsChw(RgbImage.read(file, reading)), "");
    } catch (UnreadableImageException | IOException | UncheckedIOException e) {
      return new Loaded(file, "", null, null, String.valueOf(e.getMessage()));
    }
  }
}
