package dev.vignette.captioner.train;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.run.UsageException;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.ContentHash;
import dev.vignette.files.FileStem;
import dev.vignette.files.TextFile;
import dev.vignette.files.faults.MalformedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run was validated on: {@code validation.json} in its folder, COCO's annotations of the
 * images in their order with absolute paths as file names, and {@code "info": {"clip": FOLDER}}
 * where a CLIP was configured.
 *
 * @param file the {@code validation.json}
 * @param references the references by file stem, in order
 * @param pictures the SHA-256 of each picture by file stem; versions before did not tell these
 * @param clip the CLIP that validated, if there was one
 */
public record ValidationSet(
    Path file,
    SequencedMap<String, List<String>> references,
    SequencedMap<String, String> pictures,
    Optional<Path> clip) {
  private static final String CLIP = "clip";
  private static final String HASH = "sha256";

  static void write(Path file, List<Sample> samples, Optional<Path> clip) {
    ObjectNode root = JsonMapper.shared().createObjectNode();
    ObjectNode info = root.putObject("info");
    clip.ifPresent(folder -> info.put(CLIP, folder.toAbsolutePath().toString()));
    ArrayNode images = root.putArray("images");
    ArrayNode annotations = root.putArray("annotations");
    for (int id = 1; id <= samples.size(); id++) {
      Sample sample = samples.get(id - 1);
      images
          .addObject()
          .put("id", id)
          .put("file_name", sample.file().toAbsolutePath().normalize().toString())
          .put(HASH, sample.hash());
      for (String caption : sample.captions()) {
        annotations.addObject().put("image_id", id).put("caption", caption);
      }
    }
    AtomicFile.writeString(file, root + "\n");
  }

  /**
   * Reads what {@code captioner train} wrote.
   *
   * @throws MalformedDataException if it is something else
   * @throws UsageException if pictures are no longer those that it was validated on
   */
  static ValidationSet read(Path file) throws IOException {
    SequencedMap<String, CocoCaptions.Image> images = CocoCaptions.read(file).byStem();
    SequencedMap<String, List<String>> references = new LinkedHashMap<>();
    images.forEach((stem, image) -> references.put(stem, image.captions()));
    try {
      JsonNode root = JsonMapper.shared().readTree(TextFile.read(file));
      String clip = root.path("info").path(CLIP).asString("");
      ValidationSet set =
          new ValidationSet(
              file,
              references,
              pictures(root.path("images")),
              clip.isEmpty()
                  ? Optional.empty()
                  : Optional.of(file.resolveSibling(clip).normalize()));
      set.requirePictures(stem ->
          Optional.ofNullable(images.get(stem))
              .map(image -> file.resolveSibling(image.fileName())));
      return set;
    } catch (JacksonException | InvalidPathException e) {
      throw new MalformedDataException(
          "%s is no validation set (%s). Train the run again.".formatted(file, e.getMessage()), e);
    }
  }

  private static SequencedMap<String, String> pictures(JsonNode images) {
    SequencedMap<String, String> pictures = new LinkedHashMap<>();
    for (JsonNode image : images) {
      String hash = image.path(HASH).asString("");
      if (!hash.isEmpty()) {
        pictures.put(FileStem.of(Path.of(image.path("file_name").asString(""))), hash);
      }
    }
    return pictures;
  }

  /**
   * Checks that pictures are those that the run was validated on, whose captions it has. What is
   * not there is not judged.
   *
   * @param find the picture of a file stem
   * @throws UsageException if one is another
   */
  public void requirePictures(Function<String, Optional<Path>> find) throws IOException {
    List<String> changed = new ArrayList<>();
    for (Map.Entry<String, String> picture : pictures.entrySet()) {
      Optional<Path> here = find.apply(picture.getKey()).filter(Files::isRegularFile);
      if (here.isPresent() && !ContentHash.of(here.get()).equals(picture.getValue())) {
        changed.add(here.get().toString());
      }
    }
    if (!changed.isEmpty()) {
      throw new UsageException(
          "%d of the pictures that %s was validated on are others now (such as %s), so its captions are not theirs. Put the old ones back, or train the run again by another run.name."
              .formatted(changed.size(), file.toAbsolutePath().getParent(), changed.getFirst()));
    }
  }
}
