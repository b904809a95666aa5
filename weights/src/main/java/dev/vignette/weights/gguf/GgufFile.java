package dev.vignette.weights.gguf;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The header of a GGUF file, version 2 or 3.
 *
 * @param metadata keys and values; vocabularies and other long arrays are counted, not kept
 * @param tensors what the header says of each tensor, by name, in the order of the file
 * @param alignment bytes of which the offset of every tensor is a multiple, a power of two
 * @param dataOffset bytes from the beginning of the file to the tensor data
 * @param fileBytes size of the file
 */
public record GgufFile(
    Path path,
    int version,
    Metadata metadata,
    Map<String, GgufTensor> tensors,
    long alignment,
    long dataOffset,
    long fileBytes) {

  public GgufFile {
    tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Reads the header, and only the header, of a file. Cheap for any size; memory is bounded
   * whatever the file says.
   *
   * @throws InvalidModelFileException if it is not there, not readable, not a GGUF file, damaged or
   *     cut off
   */
  public static GgufFile read(Path path) {
    ModelPath.requireRegularFile(path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      HeaderReader in = new HeaderReader(path, channel);
      ForeignFormat.refuse(in);
      GgufFile file = HeaderParser.parse(in);
      TensorLayout.check(file);
      return file;
    } catch (IOException e) {
      throw InvalidModelFileException.unreadable(path, e);
    }
  }

  /**
   * What the file is for: a language model's family such as {@code llama}, or {@code clip}.
   *
   * @throws InvalidModelFileException if the file does not say
   */
  public String architecture() {
    Optional<String> architecture = metadata.text("general.architecture");
    if (architecture.isEmpty()) {
      SplitModel.requireFirst(this); // the later parts do not say
      throw new InvalidModelFileException(
          path,
          "lacks the metadata key 'general.architecture', which says what the model is",
          InvalidModelFileException.DAMAGED);
    }
    return architecture.get();
  }

  /** The model's own name, or the file's when it has none. */
  public String name() {
    String name = metadata.text("general.name").orElse("");
    return name.isBlank() ? String.valueOf(path.getFileName()) : name;
  }

  /** The quantization as people name it, such as {@code Q4_K_M}. */
  public String quantization() {
    return Quantization.name(this);
  }

  /**
   * What the header says of a tensor.
   *
   * @param dimensions sizes, the fastest varying first, at most four; their product fits in a long
   * @param offset bytes from the beginning of the tensor data
   */
  public record GgufTensor(String name, List<Long> dimensions, TensorType type, long offset) {

    public GgufTensor {
      dimensions = List.copyOf(dimensions);
    }

    public long elements() {
      long elements = 1;
      for (long dimension : dimensions) {
        elements = Math.multiplyExact(elements, dimension);
      }
      return elements;
    }

    /** Size of the data without padding. */
    public long bytes() {
      return Math.multiplyExact(elements() / type.blockElements(), (long) type.blockBytes());
    }

    /** The size of a dimension, 1 for those beyond the last. */
    long dimension(int index) {
      return index < dimensions.size() ? dimensions.get(index) : 1;
    }
  }

  /** Refuses paths that do not lead to a file, naming the GGUF files nearby. */
  static final class ModelPath {

    private static final int NAMED_FILES = 3;

    private ModelPath() {}

    static void requireRegularFile(Path path) {
      BasicFileAttributes attributes;
      try {
        attributes = Files.readAttributes(path, BasicFileAttributes.class);
      } catch (NoSuchFileException e) {
        throw missing(path);
      } catch (IOException e) {
        throw InvalidModelFileException.unreadable(path, e);
      }
      if (attributes.isDirectory()) {
        throw new InvalidModelFileException(
            path,
            "is a folder, but a model is one GGUF file",
            "Name the file in it" + ggufFilesIn(path));
      }
      if (!attributes.isRegularFile()) {
        throw new InvalidModelFileException(
            path,
            "is a device or a pipe, but a model must be a regular file, to be mapped into memory",
            "Save it to a disk and give that path");
      }
    }

    private static InvalidModelFileException missing(Path path) {
      if (Files.isSymbolicLink(path)) {
        return new InvalidModelFileException(
            path,
            "is a link to a file that does not exist",
            "Download the file again or mend the link");
      }
      Path folder = path.toAbsolutePath().getParent();
      if (folder == null || !Files.isDirectory(folder)) {
        return new InvalidModelFileException(
            path, "does not exist, nor does the folder " + folder, "Check the path");
      }
      return new InvalidModelFileException(
          path, "does not exist", "Check the path" + ggufFilesIn(folder));
    }

    /** The end of a sentence: the first few GGUF files of a folder. */
    private static String ggufFilesIn(@Nullable Path folder) {
      List<String> names = new ArrayList<>();
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.gguf")) {
        files.forEach(file -> names.add(file.getFileName().toString()));
      } catch (IOException e) {
        return "";
      }
      if (names.isEmpty()) {
        return "; no file in " + folder + " ends in .gguf";
      }
      names.sort(null);
      String more =
          names.size() > NAMED_FILES ? " and " + (names.size() - NAMED_FILES) + " more" : "";
      return "; "
          + folder
          + " has "
          + String.join(", ", names.subList(0, Math.min(NAMED_FILES, names.size())))
          + more;
    }
  }
}
