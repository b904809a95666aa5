package dev.vignette.cli.report;

import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.compare.RunComparison;
import dev.vignette.captioner.train.RunFolder;
import dev.vignette.captioner.train.TrainedRun;
import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.ImageFolder;
import dev.vignette.files.TextFile;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.files.yaml.YamlFile;
import dev.vignette.files.yaml.YamlSection;
import dev.vignette.images.RgbImage;
import dev.vignette.images.UnreadableImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What a report is about.
 *
 * @param title its heading
 * @param data the images
 * @param llava the zero-shot captioner
 * @param runs folders of training runs, may be none
 * @param attended file stems of the images whose attention is shown
 */
record ReportConfig(String title, Data data, Llava llava, List<Path> runs, List<String> attended) {

  /**
   * Images with references.
   *
   * @param images their folder
   * @param annotations COCO's file
   * @param clip a Hugging Face CLIP folder
   */
  record Data(Path images, Path annotations, Path clip) {

    /** Where an image of the annotations is, or would be. */
    Path fileOf(CocoCaptions.Image image) {
      return new ImageFolder(images).find(image).orElse(images.resolve(image.fileName()));
    }
  }

  /**
   * A LLaVA.
   *
   * @param model language model and projector; empty for the embedded one
   * @param prompts instructions and configs; empty for the default file
   */
  record Llava(Optional<ModelPaths> model, Optional<Path> prompts) {}

  /** A language model and its projector. */
  record ModelPaths(Path model, Path projector) {}

  ReportConfig {
    runs = List.copyOf(runs);
    attended = List.copyOf(attended);
  }

  /**
   * Reads a YAML file; paths in it are relative to its folder.
   *
   * @throws ConfigException if it is not as it should be, saying where
   */
  static ReportConfig read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new ConfigException(
          "--config names a YAML file, but %s is %s; check the path"
              .formatted(file, Files.exists(file) ? "no regular file" : "not there"));
    }
    Path folder =
        Objects.requireNonNull(
            file.toAbsolutePath().normalize().getParent(), "a file has a folder");
    String label = String.valueOf(file.getFileName());
    YamlSection root =
        new YamlSection(
            "",
            YamlFile.compose(label, TextFile.read(file))
                .orElseThrow(() ->
                    new ConfigException(
                        "%s is empty; it must say data: images, annotations and clip"
                            .formatted(label))));
    String title = root.text("title", "Captions");
    Data data = data(root.section("data"), folder);
    Llava llava = llava(root.section("llava"), folder);
    YamlSection captioner = root.section("captioner");
    List<Path> runs = captioner.texts("runs", List.of()).stream().map(folder::resolve).toList();
    captioner.finish();
    YamlSection attention = root.section("attention");
    List<String> attended = attention.texts("images", List.of());
    attention.finish();
    root.finish();
    return new ReportConfig(title, data, llava, runs, attended);
  }

  /**
   * Checks, before anything is captioned, that the images to show are in the annotations and can be
   * read, and that the runs are runs that can be compared and captioned by.
   *
   * @throws UsageException if not
   */
  void requireSense() throws IOException {
    if (!Files.isDirectory(data.images())) {
      throw new UsageException(
          "data.images names the folder of the images, but %s is a file. Give its folder."
              .formatted(data.images()));
    }
    SequencedMap<String, CocoCaptions.Image> images =
        CocoCaptions.read(data.annotations()).byStem();
    List<String> unknown = attended.stream().filter(stem -> !images.containsKey(stem)).toList();
    if (!unknown.isEmpty()) {
      throw new UsageException(
          "attention.images names file stems of the annotations, which lack %s; they have %s and others"
              .formatted(unknown, images.isEmpty() ? "none" : images.firstEntry().getKey()));
    }
    for (String stem : attended) {
      requireReadable(data.fileOf(Objects.requireNonNull(images.get(stem))), stem);
    }
    if (!runs.isEmpty()) {
      requireValidated(RunComparison.read(runs.stream().map(Path::normalize).toList()), images);
    }
    for (Path run : runs) {
      requireOrigin(new RunFolder(run).best());
    }
  }

  /** The page shows the runs' captions beside these pictures. */
  private void requireValidated(
      RunComparison comparison, SequencedMap<String, CocoCaptions.Image> images)
      throws IOException {
    for (TrainedRun run : comparison.runs().values()) {
      run.validation()
          .requirePictures(stem -> Optional.ofNullable(images.get(stem)).map(data::fileOf));
    }
  }

  private static void requireReadable(Path file, String stem) {
    try {
      RgbImage.read(file);
    } catch (UnreadableImageException failure) {
      throw new UsageException(
          "attention.images names %s, whose image cannot be read: %s Leave it out, or mend the image."
              .formatted(stem, failure.getMessage()));
    }
  }

  /** The best run's encoder and decoder are loaded last. */
  private static void requireOrigin(Path adapter) throws IOException {
    AdapterFolder.Origin origin = AdapterFolder.Origin.read(adapter);
    for (Path part : List.of(origin.encoder(), origin.decoder(), origin.tokenizer())) {
      if (!Files.exists(part)) {
        throw new UsageException(
            "The report captions with %s, which was trained with %s, but that is not there. Put it back, or change the paths in %s."
                .formatted(adapter, part, adapter.resolve("captioner.json")));
      }
    }
  }

  private static Data data(YamlSection section, Path folder) {
    Data data =
        new Data(
            existing(section, "images", folder),
            existing(section, "annotations", folder),
            existing(section, "clip", folder));
    section.finish();
    return data;
  }

  private static Llava llava(YamlSection section, Path folder) {
    Optional<ModelPaths> files = Optional.empty();
    if (section.has("model") || section.has("mmproj")) {
      files =
          Optional.of(
              new ModelPaths(
                  existing(section, "model", folder), existing(section, "mmproj", folder)));
    } else {
      section.optionalText("model");
      section.optionalText("mmproj");
    }
    Optional<Path> prompts = Optional.empty();
    if (section.has("prompts")) {
      prompts = Optional.of(existing(section, "prompts", folder));
    } else {
      section.optionalText("prompts");
    }
    section.finish();
    return new Llava(files, prompts);
  }

  private static Path existing(YamlSection section, String key, Path folder) {
    Path path = folder.resolve(section.text(key)).normalize();
    if (!Files.exists(path)) {
      throw section.complaint(
          key, "names %s, which is not there; paths are relative to the YAML file".formatted(path));
    }
    return path;
  }
}
