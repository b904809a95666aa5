package dev.vignette.captions.run;

import dev.vignette.captions.ReadFault;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.FileStem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The captions of a run in the form of another tool, a caption a line, written when the run ends.
 *
 * @param form which form
 * @param file where
 */
public record CaptionExport(Form form, Path file) {
  /** COCO's ids in file names: {@code 000000391895}, {@code COCO_val2014_000000391895}. */
  private static final Pattern NUMBERED = Pattern.compile("(?:.*_(?=\\d{12}$))?0*(\\d{1,18})");

  /** A form of captions. */
  public enum Form {
    /** COCO's results: {@code [{"image_id": 1, "caption": "..."}, ...]}. */
    COCO_RESULTS("--coco-results", "image_id", "caption"),
    /** Hugging Face's {@code metadata.jsonl}: {@code {"file_name": "1.jpg", "text": "..."}}. */
    METADATA("--metadata", "file_name", "text");

    private final String option;
    private final String imageName;
    private final String captionName;

    Form(String option, String imageName, String captionName) {
      this.option = option;
      this.imageName = imageName;
      this.captionName = captionName;
    }

    /** Returns the option that asks for it. */
    String option() {
      return option;
    }
  }

  /**
   * Checks, before any work, that the images can be named in this form and that nothing of another
   * origin is lost.
   *
   * @throws UsageException if not
   */
  void require(List<ImageInput> images, boolean overwrite) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
      throw new UsageException(
          "%s takes a file in a folder that exists, but %s is none. Give another."
              .formatted(form.option, file));
    }
    Map<String, ImageInput> byName = new HashMap<>();
    for (ImageInput image : images) {
      String name = nameOf(image).orElseThrow(() -> cannotName(image));
      ImageInput other = byName.putIfAbsent(name, image);
      if (other != null) {
        throw new UsageException(
            "In %s an image has a name of its own, but %s and %s are both %s. Leave one out."
                .formatted(file, other.path(), image.path(), name));
      }
    }
    if (!overwrite && Files.exists(file) && !isReplaceable(byName.keySet())) {
      throw new UsageException(
          "%s holds more than this run would write there. Give another file for %s, or --overwrite."
              .formatted(file, form.option));
    }
  }

  private UsageException cannotName(ImageInput image) {
    return new UsageException(
        switch (form) {
          case COCO_RESULTS ->
              "COCO's results name images by number, but the name of %s has none such as 000000391895. Rename it, or leave out %s."
                  .formatted(image.path(), form.option);
          case METADATA ->
              "%s names images below its own folder, but %s is not there. Give a file in the images' folder for %s."
                  .formatted(file, image.path(), form.option);
        });
  }

  /** What the form calls an image, if it can name it. */
  private Optional<String> nameOf(ImageInput image) {
    return switch (form) {
      case COCO_RESULTS -> {
        Matcher number = NUMBERED.matcher(FileStem.of(image.path()));
        yield number.matches() ? Optional.of(number.group(1)) : Optional.empty();
      }
      case METADATA -> {
        Path folder = file.toAbsolutePath().normalize().resolveSibling("");
        Path path = image.path().toAbsolutePath().normalize();
        yield path.startsWith(folder) && !path.equals(file.toAbsolutePath().normalize())
            ? Optional.of(folder.relativize(path).toString())
            : Optional.empty();
      }
    };
  }

  /** Whether each line there is one that a run wrote, of an image of this run. */
  private boolean isReplaceable(Set<String> names) {
    try {
      Set<String> brackets = new HashSet<>(List.of("[", "]", ""));
      for (String line : Files.readAllLines(file)) {
        String entry = line.endsWith(",") ? line.substring(0, line.length() - 1) : line;
        Map<String, String> members = JsonLines.parse(entry).orElse(Map.of());
        String name = members.get(form.imageName);
        String caption = members.get(form.captionName);
        boolean ours =
            name != null
                && caption != null
                && names.contains(name)
                && line(name, caption).equals(entry);
        if (!ours && !brackets.contains(line)) {
          return false;
        }
      }
      return true;
    } catch (IOException failure) {
      throw ReadFault.unreadable(file, failure);
    }
  }

  private String line(String name, String caption) {
    return JsonLines.format(json -> {
      if (form == Form.COCO_RESULTS) {
        json.writeName(form.imageName);
        json.writeNumber(name);
      } else {
        json.writeStringProperty(form.imageName, name);
      }
      json.writeStringProperty(form.captionName, caption);
    });
  }

  /**
   * Writes the captions there are of the images, in their order, whole or not at all.
   *
   * @param captions by the key of their image
   * @throws java.io.UncheckedIOException if they cannot be written
   */
  void write(List<ImageInput> images, Map<String, String> captions) {
    List<String> lines = new ArrayList<>();
    for (ImageInput image : images) {
      String caption = captions.get(image.key());
      if (caption != null) {
        lines.add(line(nameOf(image).orElseThrow(), caption));
      }
    }
    String text =
        switch (form) {
          case COCO_RESULTS -> "[\n" + String.join(",\n", lines) + "\n]\n";
          case METADATA -> lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
        };
    AtomicFile.writeString(file, text);
  }
}
