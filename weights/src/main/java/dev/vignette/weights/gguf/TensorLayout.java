package dev.vignette.weights.gguf;

import static dev.vignette.weights.gguf.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.gguf.InvalidModelFileException.DOWNLOAD_AGAIN;
import static dev.vignette.weights.gguf.Wording.number;
import static dev.vignette.weights.gguf.Wording.quoted;

import dev.vignette.weights.gguf.GgufFile.GgufTensor;

/**
 * Where tensor data lies: one tensor after the other, each padded to the alignment, all of it in
 * the file.
 */
final class TensorLayout {

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
