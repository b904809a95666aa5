package dev.vignette.captioner.train;

import dev.vignette.captions.Predictions;
import dev.vignette.torch.fixture.SharedData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;

/** Short training runs on the miniature models. */
final class MiniRun {
  private static final String[] SMALL = {
    "data.limit=64", "training.epochs=2", "training.batch_size=16", "training.warmup=4"
  };

  private MiniRun() {}

  /** The settings of a run of four steps an epoch, for two epochs, and more. */
  static String[] with(String... more) {
    return Stream.concat(Stream.of(SMALL), Stream.of(more)).toArray(String[]::new);
  }

  /** The miniature's configuration with a run folder and further settings. */
  static TrainConfig config(Path folder, String... settings) throws IOException {
    List<String> overrides = new ArrayList<>();
    overrides.add("run.folder=" + folder);
    overrides.add("validation.metric=exact");
    overrides.add("validation.max_new_tokens=8");
    overrides.add("encoder.cache=" + folder.resolve("features"));
    overrides.addAll(List.of(settings));
    return TrainConfigReader.read(SharedData.inRepository("models/mini/train.yaml"), overrides);
  }

  /** Share of captions that equal a reference. */
  static SequencedMap<String, Double> exact(Predictions predictions, CaptionScorer.Truth truth) {
    long hits =
        truth.references().entrySet().stream()
            .filter(e -> e.getValue().contains(predictions.caption(e.getKey()).orElseThrow()))
            .count();
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    scores.put("exact", (double) hits / truth.references().size());
    return scores;
  }

  /** A run to look at, called {@code whole}. */
  static RunFolder whole(Path folder) throws Exception {
    return run(config(folder, with("run.name=whole")), false, new Recorder());
  }

  /** Opens a run that is not begun yet. */
  static Trainer open(TrainConfig config, boolean resume, Recorder recorder) throws IOException {
    return Trainer.open(config, resume, MiniRun::exact, recorder, () -> 0L);
  }

  /** Runs to the end. */
  static RunFolder run(TrainConfig config, boolean resume, Recorder recorder) throws IOException {
    return run(config, resume, MiniRun::exact, recorder);
  }

  /** Runs to the end with scores of another kind. */
  static RunFolder run(TrainConfig config, boolean resume, CaptionScorer scorer, Recorder recorder)
      throws IOException {
    try (Trainer trainer = Trainer.open(config, resume, scorer, recorder, () -> 0L)) {
      return trainer.run();
    }
  }

  /** Scores that the epochs get one after another, whatever the captions. */
  static CaptionScorer scores(double... values) {
    Iterator<Double> next = Arrays.stream(values).iterator();
    return (predictions, truth) -> new LinkedHashMap<>(Map.of("exact", next.next()));
  }

  /** Keeps what it hears. */
  static class Recorder implements TrainListener {
    final List<String> messages = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    final List<Double> losses = new ArrayList<>();
    final List<Double> rates = new ArrayList<>();
    int encoded;

    @Override
    public void say(String message) {
      messages.add(message);
    }

    @Override
    public void warn(String message) {
      warnings.add(message);
    }

    @Override
    public void encoded(int done, int of) {
      encoded = of;
    }

    @Override
    public void stepped(Step step) {
      losses.add(step.loss());
      rates.add(step.rate());
    }

    @Override
    public void validated(int done, int of) {}
  }
}
