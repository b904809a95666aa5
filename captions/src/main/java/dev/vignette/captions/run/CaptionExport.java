package dev.vignette.captions.run;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.reading.ReadFault;
import dev.vignette.captions.run.Journal.JournalState;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.ContentHash;
import dev.vignette.files.faults.MalformedDataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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

  private static final Set<String> FRAME = Set.of("[", "]", "");

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
   * origin is lost: a caption corrected by hand, or an image that is not of this run. What an
   * overwriting run replaces must at least have this form.
   *
   * @param captions the predictions that are there
   * @param journal says what this program made before
   * @throws UsageException if not
   */
  void require(
      List<ImageInput> images,
      boolean overwrite,
      Map<String, String> captions,
      JournalState journal) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
      throw new UsageException(
          "%s takes a file in a folder that exists, but %s is none. Give another."
              .formatted(form.option, file));
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new UsageException(
          "Outputs are regular files, but %s is none. Give another %s."
              .formatted(file, form.option));
    }
    Map<String, ImageInput> byName = byName(images);
    if (!Files.exists(file)) {
      return;
    }
    if (overwrite) {
      requireForm();
    } else if (!hash().equals(journal.exported(place()))) {
      requireReplaceable(byName, captions, journal);
    }
  }

  private Map<String, ImageInput> byName(List<ImageInput> images) {
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
    return byName;
  }

  private UsageException cannotName(ImageInput image) {
    return new UsageException(
        switch (form) {
          case COCO_RESULTS ->
              "COCO's results name images by number, but the name of %s has none such as 000000391895. Rename it, or leave out %s."
                  .formatted(image.path(), form.option);
          case METADATA ->
              (image.entry().isPresent()
                      ? "%s names files, but %s lies within a shard. Leave out %s."
                      : "%s names images below its own folder, but %s is not there. Give a file in the images' folder for %s.")
                  .formatted(file, image.path(), form.option);
        });
  }

  /** What the form calls an image, if it can name it. */
  private Optional<String> nameOf(ImageInput image) {
    return switch (form) {
      case COCO_RESULTS -> {
        Matcher number = NUMBERED.matcher(image.stem());
        yield number.matches() ? Optional.of(number.group(1)) : Optional.empty();
      }
      case METADATA -> {
        Path folder = file.toAbsolutePath().normalize().resolveSibling("");
        Path path = image.path().toAbsolutePath().normalize();
        yield image.entry().isEmpty()
                && path.startsWith(folder)
                && !path.equals(file.toAbsolutePath().normalize())
            ? Optional.of(folder.relativize(path).toString())
            : Optional.empty();
      }
    };
  }

  /** Checks that each line there is one that a run wrote, of an image of this run. */
  private void requireReplaceable(
      Map<String, ImageInput> byName, Map<String, String> captions, JournalState journal) {
    List<String> corrected = new ArrayList<>();
    for (String line : lines()) {
      String entry = line.endsWith(",") ? line.substring(0, line.length() - 1) : line;
      Map<String, String> members = JsonLines.parse(entry).orElse(Map.of());
      String name = members.getOrDefault(form.imageName, "");
      String caption = members.get(form.captionName);
      ImageInput image = byName.get(name);
      if (image == null || caption == null || !line(name, caption).equals(entry)) {
        throw new UsageException(
            "%s holds more than this run would write there. Give another file for %s, or --overwrite."
                .formatted(file, form.option));
      }
      if (!caption.equals(captions.get(image.key())) && !journal.knows(image.key(), caption)) {
        corrected.add(name);
      }
    }
    if (!corrected.isEmpty()) {
      throw new UsageException(
          "%s has captions that are not this program's, of %d of these images (%s). Put them into the file of --output, where captions written by hand stay; or give another file for %s, or --overwrite to replace them."
              .formatted(
                  file, corrected.size(), ImageInputs.firstOf(corrected, ", "), form.option));
    }
  }

  /** Checks that what an overwriting run replaces holds captions, and no model or picture. */
  private void requireForm() {
    try {
      boolean captions =
          switch (form) {
            case COCO_RESULTS ->
                lines().isEmpty() || Predictions.read(file).keys() == Predictions.Keys.IMAGE_ID;
            case METADATA ->
                lines().stream()
                    .map(line -> JsonLines.parse(line).orElse(Map.of()))
                    .allMatch(members -> members.containsKey(form.imageName));
          };
      if (captions) {
        return;
      }
    } catch (MalformedDataException _) {
      // it is something else
    } catch (UncheckedIOException failure) {
      if (failure.getCause() instanceof FileSystemException) {
        throw failure;
      } // else it is no text
    }
    throw new UsageException(
        "%s replaces captions in the same form only, but %s holds something else. Move it away, or give another file."
            .formatted(form.option, file));
  }

  /** The lines there, without blank ones and the brackets around all. */
  private List<String> lines() {
    try {
      return Files.readAllLines(file).stream().filter(line -> !FRAME.contains(line)).toList();
    } catch (IOException failure) {
      throw ReadFault.unreadable(file, failure);
    }
  }

  /** Returns what the journal calls this file. */
  String place() {
    return file.toAbsolutePath().normalize().toString();
  }

  /**
   * Returns the hash of what is there, empty for what is no regular file.
   *
   * @throws UncheckedIOException if it cannot be read
   */
  String hash() {
    try {
      return Files.isRegularFile(file) ? ContentHash.of(file) : "";
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
   * @throws UncheckedIOException if they cannot be written
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
