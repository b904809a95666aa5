package dev.vignette.cli.eval;

import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.ClipRequest;
import dev.vignette.eval.ImageTextScorer;
import dev.vignette.eval.ImageTextScorerProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;
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

  /** Opens the model. */
  ImageTextScorer open() {
    return open(Optional.empty());
  }

  /** The folder named, if there is one. */
  Optional<Path> folder() {
    return Optional.ofNullable(model);
  }

  /** The model's folder: the one named, or else {@code otherwise}. */
  Path require(Optional<Path> otherwise) {
    Path folder = model == null ? otherwise.orElse(null) : model;
    if (folder == null) {
      throw new UsageException(
          "clipscore and refclipscore need a model: give a CLIP directory with --clip, or leave them out of --metrics");
    }
    if (!Files.isDirectory(folder)) {
      throw new UsageException(
          "--clip names a Hugging Face CLIP directory, and there is no folder %s. Check the path."
              .formatted(folder));
    }
    return folder;
  }

  /** Opens the model named, or else the one in {@code otherwise}. */
  ImageTextScorer open(Optional<Path> otherwise) {
    Path folder = require(otherwise);
    ImageTextScorerProvider provider =
        ServiceLoader.load(ImageTextScorerProvider.class)
            .findFirst()
            .orElseThrow(() ->
                new UsageException(
                    "--clip needs a scorer of images and texts, and none is on the class path: use a Vignette that was built with one"));
    return provider.open(new ClipRequest(folder, prefix, upright));
  }
}
