package dev.vignette.weights.gguf;

import static dev.vignette.weights.faults.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.faults.InvalidModelFileException.DOWNLOAD_AGAIN;
import static dev.vignette.weights.gguf.Wording.number;
import static dev.vignette.weights.gguf.Wording.quoted;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;

import dev.vignette.weights.faults.InvalidModelFileException;
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
      if (!HeaderParser.isAt(in)) {
        throw ForeignFormat.refusal(in);
      }
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

  /**
   * Where tensor data lies: one tensor after the other, each padded to the alignment, all of it in
   * the file.
   */
  static final class TensorLayout {

    static final int DEFAULT_ALIGNMENT = 32;

    private TensorLayout() {}

    /** The first multiple of the alignment, a power of two, that is not below the position. */
    static long align(long position, long alignment) {
      return Math.addExact(position, alignment - 1) & -alignment;
    }

    /** Refuses a file whose tensors are not where llama.cpp takes them to be, or not there. */
    static void check(GgufFile file) {
      long next = 0;
      long end = 0;
      for (GgufTensor tensor : file.tensors().values()) {
        requireOffset(file, tensor, next);
        try {
          end = Math.addExact(next, tensor.bytes());
          next = align(end, file.alignment());
          Math.addExact(file.dataOffset(), next);
        } catch (ArithmeticException overflow) {
          throw new InvalidModelFileException(
              file.path(),
              "has tensors of more bytes than can be counted, up to " + quoted(tensor.name()),
              DAMAGED);
        }
      }
      long required = file.dataOffset() + end;
      if (!file.tensors().isEmpty() && file.fileBytes() < required) {
        throw new InvalidModelFileException(
            file.path(),
            "is cut off: it ends at byte %s of %s"
                .formatted(number(file.fileBytes()), number(required)),
            DOWNLOAD_AGAIN);
      }
    }

    private static void requireOffset(GgufFile file, GgufTensor tensor, long expected) {
      if (tensor.offset() == expected) {
        return;
      }
      String problem;
      if (tensor.offset() % file.alignment() != 0) {
        problem = "which is not a multiple of the alignment " + number(file.alignment());
      } else if (tensor.offset() < 0 || tensor.offset() > file.fileBytes() - file.dataOffset()) {
        problem = "which is beyond the end of the file";
      } else {
        problem = "but the data before it ends at " + number(expected);
      }
      throw new InvalidModelFileException(
          file.path(),
          "places tensor %s at offset %s, %s"
              .formatted(quoted(tensor.name()), number(tensor.offset()), problem),
          DAMAGED);
    }
  }

  /**
   * Names of quantizations, by the number in {@code general.file_type} (llama.cpp v0.5.0,
   * llama_ftype in llama.h).
   */
  static final class Quantization {

    /** Set in the number of a file that did not say. */
    private static final long GUESSED = 1024;

    private static final Map<Long, String> NAMES =
        Map.ofEntries(
            Map.entry(0L, "F32"),
            Map.entry(1L, "F16"),
            Map.entry(2L, "Q4_0"),
            Map.entry(3L, "Q4_1"),
            Map.entry(7L, "Q8_0"),
            Map.entry(8L, "Q5_0"),
            Map.entry(9L, "Q5_1"),
            Map.entry(10L, "Q2_K"),
            Map.entry(11L, "Q3_K_S"),
            Map.entry(12L, "Q3_K_M"),
            Map.entry(13L, "Q3_K_L"),
            Map.entry(14L, "Q4_K_S"),
            Map.entry(15L, "Q4_K_M"),
            Map.entry(16L, "Q5_K_S"),
            Map.entry(17L, "Q5_K_M"),
            Map.entry(18L, "Q6_K"),
            Map.entry(19L, "IQ2_XXS"),
            Map.entry(20L, "IQ2_XS"),
            Map.entry(21L, "Q2_K_S"),
            Map.entry(22L, "IQ3_XS"),
            Map.entry(23L, "IQ3_XXS"),
            Map.entry(24L, "IQ1_S"),
            Map.entry(25L, "IQ4_NL"),
            Map.entry(26L, "IQ3_S"),
            Map.entry(27L, "IQ3_M"),
            Map.entry(28L, "IQ2_S"),
            Map.entry(29L, "IQ2_M"),
            Map.entry(30L, "IQ4_XS"),
            Map.entry(31L, "IQ1_M"),
            Map.entry(32L, "BF16"),
            Map.entry(36L, "TQ1_0"),
            Map.entry(37L, "TQ2_0"),
            Map.entry(38L, "MXFP4_MOE"),
            Map.entry(39L, "NVFP4"),
            Map.entry(40L, "Q1_0"),
            Map.entry(41L, "Q2_0"));

    private Quantization() {}

    /**
     * The quantization the file names; when it names none that is known, the type of most of its
     * tensor data.
     */
    static String name(GgufFile file) {
      String named = NAMES.get(file.metadata().uint32("general.file_type").orElse(-1) & ~GUESSED);
      return named != null ? named : mostFrequentType(file);
    }

    private static String mostFrequentType(GgufFile file) {
      return file.tensors().values().stream()
          .collect(groupingBy(GgufTensor::type, summingLong(GgufTensor::bytes)))
          .entrySet()
          .stream()
          .max(Map.Entry.comparingByValue())
          .map(entry -> entry.getKey().name())
          .orElse("none");
    }
  }
}
