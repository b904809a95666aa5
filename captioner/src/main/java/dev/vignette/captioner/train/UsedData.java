package dev.vignette.captioner.train;

import dev.vignette.captioner.model.Gpt2Tokenizer;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.eval.clip.ClipTextScorerProvider;
import dev.vignette.files.ContentHash;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.torch.TimmVit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Hashes of what a run learns from, is validated on and is built upon, for a resumed run to go on
 * with the same.
 *
 * @param train of the images' names, contents and captions that are learnt, in their order
 * @param val the same of the validation images
 * @param models of encoder, decoder and tokenizer, and of the CLIP that validates
 */
record UsedData(String train, String val, UsedModels models) {
  private static final String TRAIN = "train_data";
  private static final String VAL = "val_data";
  private static final String ENCODER = "encoder";
  private static final String DECODER = "decoder";
  private static final String TOKENIZER = "tokenizer";
  private static final String CLIP = "clip";

  /** Of samples as {@link SampleReader} reads them; captions that no step sees do not count. */
  static UsedData of(List<Sample> train, List<Sample> val, UsedModels models) {
    return new UsedData(
        hash(
            train.stream().map(s -> lines(s, s.captions().subList(0, s.tokens().size()))).toList()),
        hash(val.stream().map(s -> lines(s, s.captions())).toList()),
        models);
  }

  /**
   * Hashes of weights, with what their configurations say.
   *
   * @param encoder of its weights, with its shape and its pixels' mean and deviation
   * @param decoder of its weights, with its configuration
   * @param tokenizer of its files
   * @param clip of the CLIP that validates, empty without one
   */
  record UsedModels(String encoder, String decoder, String tokenizer, String clip) {
    static UsedModels of(TimmVit encoder, Gpt2Weights decoder, Path tokenizer, Optional<Path> clip)
        throws IOException {
      return new UsedModels(
          "%s %s %s %s"
              .formatted(
                  ContentHash.sampled(encoder.weightFile()),
                  encoder.shape(),
                  encoder.mean(),
                  encoder.std()),
          ContentHash.sampled(decoder.file()) + " " + decoder.config(),
          Gpt2Tokenizer.hash(tokenizer),
          clip.isPresent() ? ClipTextScorerProvider.modelHash(clip.get()) : "");
    }
  }

  /** Texts, each after its length, so that no two lists look the same. */
  private static String lines(Sample sample, List<String> captions) {
    List<String> texts = new ArrayList<>(captions);
    texts.addFirst(sample.hash());
    texts.addFirst(String.valueOf(sample.file().getFileName()));
    StringBuilder lines = new StringBuilder().append(texts.size()).append('\n');
    texts.forEach(text -> lines.append(text.length()).append(' ').append(text).append('\n'));
    return lines.toString();
  }

  private static String hash(List<String> samples) {
    return ContentHash.ofText(String.join("", samples));
  }

  /** For the texts of a checkpoint. */
  Map<String, String> toTexts() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(TRAIN, train);
    texts.put(VAL, val);
    texts.put(ENCODER, models.encoder);
    texts.put(DECODER, models.decoder);
    texts.put(TOKENIZER, models.tokenizer);
    texts.put(CLIP, models.clip);
    return texts;
  }

  /**
   * Refuses other data and models than those of a checkpoint; one of a version before does not name
   * its own.
   *
   * @param texts of the checkpoint
   * @param config where these are from
   * @throws ConfigException naming what differs
   */
  void requireSame(Map<String, String> texts, TrainConfig config) {
    requireSameModels(texts, config);
    TrainConfig.Data data = config.data();
    List<String> changed = new ArrayList<>();
    if (isOther(texts, TRAIN, train)) {
      changed.add("data.train.annotations (%s)".formatted(data.train().annotations()));
    }
    if (isOther(texts, VAL, val)) {
      changed.add("data.val.annotations (%s)".formatted(data.val().annotations()));
    }
    if (!changed.isEmpty()) {
      throw new ConfigException(
          "A run is resumed with the data it was begun with, but the images or captions of %s are others now. Put the old ones back, or begin another run by --set run.name=NAME"
              .formatted(String.join(" and ", changed)));
    }
  }

  /** Whether a checkpoint names another hash; one of a version before names none. */
  private static boolean isOther(Map<String, String> texts, String name, String hash) {
    return !texts.getOrDefault(name, hash).equals(hash);
  }

  private void requireSameModels(Map<String, String> texts, TrainConfig config) {
    List<String> changed = new ArrayList<>();
    if (isOther(texts, ENCODER, models.encoder)) {
      changed.add("encoder.model (%s)".formatted(config.encoder().model()));
    }
    if (isOther(texts, DECODER, models.decoder)) {
      changed.add("decoder.model (%s)".formatted(config.decoder().model()));
    }
    if (isOther(texts, TOKENIZER, models.tokenizer)) {
      changed.add(
          config
              .decoder()
              .tokenizer()
              .map(folder -> "decoder.tokenizer (%s)".formatted(folder))
              .orElse("the tokenizer of decoder.model (%s)".formatted(config.decoder().model())));
    }
    if (isOther(texts, CLIP, models.clip)) {
      changed.add(
          "validation.clip (%s)"
              .formatted(config.validation().clip().map(Path::toString).orElse("")));
    }
    if (!changed.isEmpty()) {
      throw new ConfigException(
          "A run is resumed upon the models it was begun upon, but the weights or configuration of %s are others now. Put the old ones back, or begin another run by --set run.name=NAME"
              .formatted(String.join(" and ", changed)));
    }
  }
}
