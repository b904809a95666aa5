package dev.vignette.cli.eval;

import dev.vignette.eval.ImageTextScorer.ClipRequest;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name a CLIP model. */
final class ClipArguments {
  @Option(
      names = "--clip",
      paramLabel = "DIR",
      description =
          "A Hugging Face CLIP directory (config.json, model.safetensors, tokenizer.json), or its name on the hub, such as openai/clip-vit-base-patch32: computes CLIPScore and RefCLIPScore; needs --images.")
  private @Nullable Path model;

  @Option(
      names = "--clip-prefix",
      paramLabel = "TEXT",
      arity = "0..1",
      defaultValue = "",
      fallbackValue = "A photo depicts ",
      description =
          "What stands before each caption. Default: nothing, as in the homework; without TEXT jmhessel's \"A photo depicts \".")
  private String prefix = "";

  @Option(
      names = "--upright",
      description =
          "Shows CLIP the images as people see them: turned as their EXIF data say, transparent ones over white. Default: as the reference tools read them, not turned and without transparency.")
  private boolean upright;

  /** Whether a model was named. */
  boolean given() {
    return model != null;
  }

  /** The folder named, if there is one. */
  Optional<Path> folder() {
    return Optional.ofNullable(model);
  }

  /** The model named, or else the one in {@code otherwise}, if there is one. */
  Optional<ClipRequest> request(Optional<Path> otherwise) {
    return folder().or(() -> otherwise).map(where -> new ClipRequest(where, prefix, upright));
  }
}
