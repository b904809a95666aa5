package dev.vignette.captioner.train;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.TextFile;
import dev.vignette.files.faults.MalformedDataException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
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
 * @param clip the CLIP that validated, if there was one
 */
public record ValidationSet(
    Path file, SequencedMap<String, List<String>> references, Optional<Path> clip) {
  private static final String CLIP = "clip";

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
          .put("file_name", sample.file().toAbsolutePath().normalize().toString());
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
   */
  static ValidationSet read(Path file) throws IOException {
    SequencedMap<String, List<String>> references = new LinkedHashMap<>();
    CocoCaptions.read(file)
        .byStem()
        .forEach((stem, image) -> references.put(stem, image.captions()));
    try {
      String clip =
          JsonMapper.shared().readTree(TextFile.read(file)).path("info").path(CLIP).asString("");
      return new ValidationSet(
          file,
          references,
          clip.isEmpty() ? Optional.empty() : Optional.of(file.resolveSibling(clip).normalize()));
    } catch (JacksonException | InvalidPathException e) {
      throw new MalformedDataException(
          "%s is no validation set (%s). Train the run again.".formatted(file, e.getMessage()), e);
    }
  }
}
