package dev.vignette.llava;

import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.weights.gguf.ModelFiles;

/**
 * What an image is asked, and how the answer is generated.
 *
 * @param name names the setting in results; not blank
 * @param instruction what the model is asked; not blank, and without the image's place
 * @param config how tokens are chosen
 */
public record CaptionSetting(String name, String instruction, GenerationConfig config) {

  public CaptionSetting {
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "a setting has a name, but that of the instruction '%s' is blank".formatted(instruction));
    }
    if (instruction.isBlank()) {
      throw new IllegalArgumentException(
          "the instruction of the setting '%s' is empty; write what to describe".formatted(name));
    }
    PromptTemplate.requireText(instruction);
  }

  /**
   * What captions by this setting and a model depend on, without opening it.
   *
   * @throws dev.vignette.weights.faults.InvalidModelFileException if a file is not what it should
   *     be
   */
  public ModelFingerprint fingerprint(LlavaOptions options) {
    ModelFiles files = ModelFiles.check(options.model(), options.projector());
    return addTo(LlavaConventions.of(options, files).fingerprint(options));
  }

  /** What captions by this setting depend on, beside what those of the model do. */
  ModelFingerprint addTo(ModelFingerprint model) {
    return model.with("instruction", instruction).with("generation", config.toString());
  }
}
