package dev.vignette.captioner.train;

import dev.vignette.captioner.model.CaptionTokenizer;
import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.MalformedDataException;
import dev.vignette.captions.batch.ContentHash;
import dev.vignette.captions.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Reads a split: annotations, tokens of their captions, hashes of their images. */
final class SampleReader {
  private static final int NAMED_AT_MOST = 10;

  private final CaptionTokenizer tokenizer;
  private final int positions;
  private final int captionsPerImage;
  private final int limit;

  /**
   * @param positions most tokens the decoder reads; longer captions are cut there
   * @param captionsPerImage captions used of each image at most, 0 for all
   * @param limit images used at most, 0 for all
   */
  SampleReader(CaptionTokenizer tokenizer, int positions, int captionsPerImage, int limit) {
    this.tokenizer = tokenizer;
    this.positions = positions;
    this.captionsPerImage = captionsPerImage;
    this.limit = limit;
  }

  /**
   * Reads a split in the order of its annotations.
   *
   * @throws ConfigException naming missing images, or when there is nothing to learn
   */
  List<Sample> read(TrainConfig.Split split) throws IOException {
    return read(split, CocoCaptions.read(split.annotations()).images());
  }

  /**
   * Reads a split whose captions are predicted, so that its images need stems of their own.
   *
   * @throws ConfigException as {@link #read}, and naming two images with one stem
   */
  List<Sample> readPredicted(TrainConfig.Split split) throws IOException {
    try {
      return read(split, CocoCaptions.read(split.annotations()).byStem().values());
    } catch (MalformedDataException e) {
      throw new ConfigException("%s: %s".formatted(split.annotations(), e.getMessage()), e);
    }
  }

  private List<Sample> read(TrainConfig.Split split, Collection<CocoCaptions.Image> images)
      throws IOException {
    List<Sample> samples = new ArrayList<>();
    List<Path> missing = new ArrayList<>();
    for (CocoCaptions.Image image : images) {
      if (limit > 0 && samples.size() == limit) {
        break;
      }
      Path file = split.images().resolve(image.fileName());
      if (!Files.isRegularFile(file)) {
        missing.add(file);
      } else if (!image.captions().isEmpty()) {
        samples.add(sample(image, file));
      }
    }
    if (!missing.isEmpty()) {
      throw new ConfigException(
          "%d images of %s are missing below %s, the first: %s"
              .formatted(
                  missing.size(),
                  split.annotations(),
                  split.images(),
                  missing.subList(0, Math.min(NAMED_AT_MOST, missing.size()))));
    }
    if (samples.isEmpty()) {
      throw new ConfigException("%s has no image with a caption".formatted(split.annotations()));
    }
    return samples;
  }

  private Sample sample(CocoCaptions.Image image, Path file) throws IOException {
    List<String> captions = image.captions();
    if (captionsPerImage > 0 && captions.size() > captionsPerImage) {
      captions = captions.subList(0, captionsPerImage);
    }
    List<long[]> tokens = captions.stream().map(this::encode).toList();
    return new Sample(image.stem(), file, ContentHash.of(file), image.captions(), tokens);
  }

  private long[] encode(String caption) {
    long[] tokens = tokenizer.encode(caption.strip());
    return tokens.length <= positions + 1 ? tokens : Arrays.copyOf(tokens, positions + 1);
  }
}
