package dev.vignette.llava.convert;

import dev.vignette.llama.Quantizer.QuantizationType;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is to be converted, and into what.
 *
 * @param folder of a model as Hugging Face publishes it: config.json, weights, tokenizer
 * @param type of the language model's matrices; the projector's are float16, or float32 with it
 * @param output folder for the two files; made if it is not there
 * @param name of the model, in the files and with which their names begin
 * @param tower folder of the vision tower when the model does not hold it (liuhaotian's layout)
 * @param keepsUnquantized whether the file that is quantized stays beside the result
 * @param threads processor threads that quantize, 1 to 512
 */
public record ConversionRequest(
    Path folder,
    QuantizationType type,
    Path output,
    String name,
    Optional<Path> tower,
    boolean keepsUnquantized,
    int threads) {

  private static final Pattern NAME = Pattern.compile("[^/\\\\\\p{Cntrl}]{1,150}");
  private static final Pattern CACHED =
      Pattern.compile("(?:.*/)?models--(?:[^/]+--)?([^/]+)/snapshots/[^/]+");

  public ConversionRequest {
    if (!NAME.matcher(name).matches() || name.startsWith(".")) {
      throw new IllegalArgumentException(
          "A model's name begins its files' names: 1 to 150 characters without / and \\, no dot first; not \"%s\""
              .formatted(name));
    }
    if (threads < 1 || threads > 512) {
      throw new IllegalArgumentException("threads are 1 to 512, not " + threads);
    }
  }

  /** A model that is whole in its folder, named as its folder is, by all processors. */
  public static ConversionRequest of(Path folder, QuantizationType type, Path output) {
    return new ConversionRequest(
        folder,
        type,
        output,
        nameOf(folder),
        Optional.empty(),
        false,
        Math.min(512, Runtime.getRuntime().availableProcessors()));
  }

  /** The name of a folder, or of the repository when it lies in Hugging Face's cache. */
  public static String nameOf(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    Matcher cached = CACHED.matcher(absolute.toString().replace('\\', '/'));
    if (cached.matches()) {
      return cached.group(1);
    }
    Path last = absolute.getFileName();
    return last == null ? "model" : last.toString();
  }
}
