package dev.vignette.llava;

import dev.vignette.images.PixelNormalization;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.images.Resampling;
import dev.vignette.weights.gguf.ModelFiles;
import dev.vignette.weights.gguf.ProjectorInfo;
import java.util.List;
import java.util.Locale;

/**
 * How a model sees pictures and is asked: as its files say, where the options say nothing else.
 *
 * @param preprocessor makes the tower's square
 * @param template what stands around image and instruction
 */
record LlavaConventions(PixelPreprocessor preprocessor, PromptTemplate template) {

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

  /** The framing as a run's fingerprint has it: that of CLIP is named as it always was. */
  String framingName() {
    Resampling resampling = preprocessor.resampling();
    return resampling == Resampling.BICUBIC
        ? preprocessor.framing().name()
        : preprocessor.framing() + " " + resampling;
  }
}
