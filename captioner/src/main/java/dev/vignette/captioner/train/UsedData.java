package dev.vignette.captioner.train;

import dev.vignette.files.ContentHash;
import dev.vignette.files.yaml.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Hashes of what a run learns and is validated on, for a resumed run to go on with the same.
 *
 * @param train of the images' names, contents and captions that are learnt, in their order
 * @param val the same of the validation images
 */
record UsedData(String train, String val) {
  private static final String TRAIN = "train_data";
  private static final String VAL = "val_data";

  /** Of samples as {@link SampleReader} reads them; captions that no step sees do not count. */
  static UsedData of(List<Sample> train, List<Sample> val) {
    return new UsedData(
        hash(
            train.stream().map(s -> lines(s, s.captions().subList(0, s.tokens().size()))).toList()),
        hash(val.stream().map(s -> lines(s, s.captions())).toList()));
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
    return texts;
  }

  /**
   * Refuses other data than those of a checkpoint; one of a version before does not name its own.
   *
   * @param texts of the checkpoint
   * @param data where these data are from
   * @throws ConfigException naming the annotations that differ
   */
  void requireSame(Map<String, String> texts, TrainConfig.Data data) {
    List<String> changed = new ArrayList<>();
    if (!texts.getOrDefault(TRAIN, train).equals(train)) {
      changed.add("data.train.annotations (%s)".formatted(data.train().annotations()));
    }
    if (!texts.getOrDefault(VAL, val).equals(val)) {
      changed.add("data.val.annotations (%s)".formatted(data.val().annotations()));
    }
    if (!changed.isEmpty()) {
      throw new ConfigException(
          "A run is resumed with the data it was begun with, but the images or captions of %s are others now. Put the old ones back, or begin another run by --set run.name=NAME"
              .formatted(String.join(" and ", changed)));
    }
  }
}
