package dev.vignette.llava.convert;

import dev.vignette.llava.convert.LlavaConversion.ConversionException;
import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.GgufFile;
import dev.vignette.weights.gguf.GgufFile.GgufTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file that a conversion is to write.
 *
 * @param path where; a link's target takes its place
 * @param description what is to be in it
 */
record OutputFile(Path path, Description description) {

  /**
   * What tells one model from another.
   *
   * @param tensors dimensions by name, the fastest varying first
   */
  record Description(String architecture, String name, Map<String, List<Long>> tensors) {}

  /** A file in a folder; refused when what is there is not an earlier version of it. */
  static OutputFile in(Path folder, String fileName, Description description) throws IOException {
    Path path = folder.resolve(fileName);
    if (Files.isSymbolicLink(path)) {
      if (!Files.exists(path)) {
        throw new ConversionException(
            "%s is a link to '%s', which is not there; remove it, or name another folder or another model name"
                .formatted(path, Files.readSymbolicLink(path)));
      }
      path = path.toRealPath();
    }
    OutputFile file = new OutputFile(path, description);
    if (Files.exists(path)) {
      file.requireSame();
    }
    return file;
  }

  private void requireSame() {
    String found;
    if (!Files.isRegularFile(path)) {
      found = "is no regular file";
    } else {
      try {
        GgufFile file = GgufFile.read(path);
        Map<String, List<Long>> tensors = new LinkedHashMap<>();
        for (GgufTensor tensor : file.tensors().values()) {
          tensors.put(tensor.name(), tensor.dimensions());
        }
        Description other =
            new Description(
                file.architecture(),
                file.metadata().text("general.name").orElse(description.name),
                tensors);
        if (other.equals(description)) {
          return;
        }
        found = "holds another model, '%s'".formatted(file.name());
      } catch (InvalidModelFileException e) {
        found = "holds something else: " + e.getMessage();
      }
    }
    throw new ConversionException(
        "%s is there and %s; it is not replaced. Name another folder or another model name, or remove it"
            .formatted(path, found));
  }
}
