package dev.vignette.models;

import dev.vignette.captions.batch.UsageException;
import dev.vignette.hub.ModelReference;
import dev.vignette.models.ModelFinder.LlavaFiles;
import java.io.PrintWriter;
import java.nio.file.Path;

/**
 * The place where a LLaVA as Hugging Face publishes it becomes GGUF files: {@code vignette llava
 * convert} is to write them into a folder of Vignette's own, by commit and type.
 */
final class ConvertedLlava {
  private ConvertedLlava() {}

  /** The GGUF files of a snapshot, converted now unless they are there. */
  static LlavaFiles files(ModelReference reference, Path snapshot, PrintWriter err) {
    throw new UsageException(
        "%s is published in safetensors, which lie in %s: convert them to GGUF, then give the two files with --model and --mmproj"
            .formatted(reference.name(), snapshot));
  }
}
