package dev.vignette.llava;

import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.files.ContentHash;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.images.PixelPreprocessor.PixelNormalization;
import dev.vignette.images.PixelPreprocessor.Resampling;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.weights.gguf.ModelFiles;
import dev.vignette.weights.gguf.ProjectorFile.ProjectorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a model sees pictures and is asked: as its files say, where the options say nothing else.
 *
 * @param preprocessor makes the tower's square
 * @param template what stands around image and instruction
 */
record LlavaConventions(PixelPreprocessor preprocessor, PromptTemplate template) {

  /** Raise it when the same model, image and settings give other captions than before. */
  private static final int REVISION = 1;

  /**
   * The conventions of files that have been judged. A tower with a class embedding is CLIP's and
   * sees the middle of a picture, one without is SigLIP's and sees all of it, stretched.
   */
  static LlavaConventions of(LlavaOptions options, ModelFiles files) {
    ProjectorInfo tower = files.projector();
    Framing framing =
        options.framing().orElse(tower.hasClassEmbedding() ? Framing.CROP : Framing.STRETCH);
    PixelNormalization normalization =
        new PixelNormalization(1 / 255.0, doubles(tower.mean()), doubles(tower.std()));
    return new LlavaConventions(
        new PixelPreprocessor(framing, tower.imageSize(), normalization, resampling(tower)),
        options
            .template()
            .orElseGet(() -> PromptTemplate.ofChat(files.languageModel().chatTemplate())));
  }

  private static List<Double> doubles(List<Float> values) {
    return values.stream().map(Float::doubleValue).toList();
  }

  private static Resampling resampling(ProjectorInfo tower) {
    return tower
        .resampling()
        .map(name -> Resampling.valueOf(name.toUpperCase(Locale.ROOT)))
        .orElse(Resampling.BICUBIC);
  }

  /**
   * What captions depend on that all settings share: the files of the model, and how it sees and is
   * asked; not the device, nor how many threads. {@link CaptionSetting#addTo} completes it.
   */
  ModelFingerprint fingerprint(LlavaOptions options) {
    return ModelFingerprint.of(
            Map.of(
                "model", hash(options.model()),
                "projector", hash(options.projector()),
                "llama.cpp", LlamaRuntime.pinnedVersion(),
                "framing", framingName(),
                "template", template.toString()))
        .withRevision(REVISION);
  }

  private static String hash(Path file) {
    try {
      return ContentHash.sampled(file);
    } catch (IOException e) {
      throw new UncheckedIOException("'%s' cannot be read: %s".formatted(file, e), e);
    }
  }

  /** The framing as a run's fingerprint has it: that of CLIP is named as it always was. */
  private String framingName() {
    Resampling resampling = preprocessor.resampling();
    return resampling == Resampling.BICUBIC
        ? preprocessor.framing().name()
        : preprocessor.framing() + " " + resampling;
  }
}
