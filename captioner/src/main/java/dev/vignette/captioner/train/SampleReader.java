package dev.vignette.captioner.train;

import dev.vignette.captioner.model.Gpt2Config;
import dev.vignette.captioner.model.Gpt2Tokenizer;
import dev.vignette.captions.CocoCaptions;
import dev.vignette.files.ContentHash;
import dev.vignette.files.faults.MalformedDataException;
import dev.vignette.files.sentences.NameList;
import dev.vignette.files.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** Reads a split: annotations, tokens of their captions, hashes of their images. */
final class SampleReader {
  private static final int NAMED_AT_MOST = 10;

  private final Gpt2Tokenizer tokenizer;
  private final Gpt2Config decoder;
  private final int captionsPerImage;
  private final int limit;
  private final List<String> remarks = new ArrayList<>();
  private int cut;
  private int empty;
  private int ended;

  /**
   * @param decoder that reads the captions; longer ones than its positions are cut there
   * @param captionsPerImage captions used of each image at most, 0 for all
   * @param limit images used at most, 0 for all
   */
  SampleReader(Gpt2Tokenizer tokenizer, Gpt2Config decoder, int captionsPerImage, int limit) {
    this.tokenizer = tokenizer;
    this.decoder = decoder;
    this.captionsPerImage = captionsPerImage;
    this.limit = limit;
  }

  /**
   * Reads a split in the order of its annotations.
   *
   * @throws ConfigException naming missing images, or when there is nothing to learn
   */
  List<Sample> read(TrainConfig.Split split) throws IOException {
    List<Sample> samples = read(split, CocoCaptions.read(split.annotations()).images());
    if (cut > 0) {
      remarks.add(
          "%d captions of %s are longer than the %d positions of the decoder and are cut there"
              .formatted(cut, split.annotations(), decoder.positions()));
    }
    if (empty > 0) {
      remarks.add(
          "%d captions of %s are empty: the captioner learns to say nothing of such images. Take them out of the annotations unless that is meant"
              .formatted(empty, split.annotations()));
    }
    if (ended > 0) {
      remarks.add(
          "%d captions of %s hold the token that ends captions (<|endoftext|>): the captioner learns to end there. Take it out of the annotations"
              .formatted(ended, split.annotations()));
    }
    return samples;
  }

  /**
   * Reads a split whose captions are predicted, so that its images need stems of their own.
   *
   * @throws ConfigException as {@link #read}, and naming two images with one stem
   */
  List<Sample> readPredicted(TrainConfig.Split split) throws IOException {
    try {
      List<Sample> samples = read(split, CocoCaptions.read(split.annotations()).byStem().values());
      if (empty > 0) {
        remarks.add(
            "%d captions of %s are empty, and no caption of the captioner is like them. Take them out of the annotations"
                .formatted(empty, split.annotations()));
      }
      return samples;
    } catch (MalformedDataException e) {
      throw new ConfigException("%s: %s".formatted(split.annotations(), e.getMessage()), e);
    }
  }

  private List<Sample> read(TrainConfig.Split split, Collection<CocoCaptions.Image> images)
      throws IOException {
    cut = 0;
    empty = 0;
    ended = 0;
    List<String> uncaptioned = new ArrayList<>();
    List<Sample> samples = new ArrayList<>();
    List<Path> missing = new ArrayList<>();
    for (CocoCaptions.Image image : images) {
      if (limit > 0 && samples.size() == limit) {
        break;
      }
      Path file = file(split, image);
      if (!Files.isRegularFile(file)) {
        missing.add(file);
      } else if (image.captions().isEmpty()) {
        uncaptioned.add(image.fileName());
      } else {
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
    if (!uncaptioned.isEmpty()) {
      remarks.add(
          NameList.of(
              "Images of %s that have no caption and are left out".formatted(split.annotations()),
              uncaptioned));
    }
    if (samples.isEmpty()) {
      throw new ConfigException("%s has no image with a caption".formatted(split.annotations()));
    }
    return samples;
  }

  private static Path file(TrainConfig.Split split, CocoCaptions.Image image) {
    try {
      return split.images().resolve(image.fileName());
    } catch (InvalidPathException e) {
      throw new ConfigException(
          "%s names an image %s, which cannot be a file's name. Correct it there."
              .formatted(
                  split.annotations(), JsonMapper.shared().writeValueAsString(image.fileName())),
          e);
    }
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
    long highest = Arrays.stream(tokens).max().orElse(0);
    if (highest >= decoder.vocabulary()) {
      throw new ConfigException(
          "The tokenizer has a token %d, but the decoder's vocabulary ends at %d: it is that of another model. Give the decoder's own by decoder.tokenizer"
              .formatted(highest, decoder.vocabulary() - 1));
    }
    int most = decoder.positions() + 1;
    if (tokens.length > most) {
      cut++;
      return Arrays.copyOf(tokens, most);
    }
    long ends = Arrays.stream(tokens).filter(token -> token == decoder.endToken()).count();
    if (ends == tokens.length || showsNothing(caption)) {
      empty++;
    } else if (ends > 2) { // the first and the last token are one
      ended++;
    }
    return tokens;
  }

  /** Whether a text is of spaces, marks of direction and the like only. */
  private static boolean showsNothing(String caption) {
    return caption
        .codePoints()
        .allMatch(c ->
            Character.isWhitespace(c)
                || Character.isSpaceChar(c)
                || Character.getType(c) == Character.FORMAT
                || Character.getType(c) == Character.CONTROL);
  }

  /** What is odd about the captions of the splits read so far, in sentences. */
  List<String> remarks() {
    return List.copyOf(remarks);
  }
}
