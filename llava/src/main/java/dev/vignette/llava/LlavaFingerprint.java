package dev.vignette.llava;

import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.files.ContentHash;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.weights.gguf.ModelFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What captions of a LLaVA depend on: the files of the model, instruction and every setting of
 * generation; not the device, nor how many threads.
 *
 * @param model the part that all instructions share
 */
public record LlavaFingerprint(ModelFingerprint model) {

  /** Raise it when the same model, image and settings give other captions than before. */
  private static final int REVISION = 1;

  /**
   * Reads the files.
   *
   * @throws dev.vignette.weights.gguf.InvalidModelFileException if a file is not what it should be
   */
  public static LlavaFingerprint of(LlavaOptions options) {
    LlavaConventions conventions =
        LlavaConventions.of(options, ModelFiles.check(options.model(), options.projector()));
    return new LlavaFingerprint(
        ModelFingerprint.of(
                Map.of(
                    "model", hash(options.model()),
                    "projector", hash(options.projector()),
                    "llama.cpp", LlamaRuntime.pinnedVersion(),
                    "framing", conventions.framingName(),
                    "template", conventions.template().toString()))
            .withRevision(REVISION));
  }

  /** The fingerprint of captions by an instruction. */
  public ModelFingerprint with(String instruction, GenerationConfig config) {
    return model.with("instruction", instruction).with("generation", config.toString());
  }

  private static String hash(Path file) {
    try {
      return ContentHash.sampled(file);
    } catch (IOException e) {
      throw new UncheckedIOException("'%s' cannot be read: %s".formatted(file, e), e);
    }
  }
}
