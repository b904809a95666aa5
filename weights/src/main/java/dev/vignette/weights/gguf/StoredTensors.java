package dev.vignette.weights.gguf;

import static dev.vignette.weights.faults.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.faults.InvalidModelFileException.DOWNLOAD_AGAIN;
import static dev.vignette.weights.gguf.Wording.number;
import static dev.vignette.weights.gguf.Wording.quoted;

import dev.vignette.weights.FilledSamples;
import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.GgufFile.GgufTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** What is stored in a file's tensors, behind the header that says which there are. */
final class StoredTensors {

  private static final int PIECE_BYTES = 1 << 16;

  private StoredTensors() {}

  /**
   * Reads norms and biases, the float32 vectors of a projector, which are a few MB even of a large
   * one. One that is not a number need not make the features so: quantization of what it is
   * multiplied with (llama.cpp v0.5.0, quantize_row_q8_0) passes over what is not a number, and
   * what is captioned then is another picture. Language models are checked by llama.cpp as it loads
   * them.
   *
   * @throws InvalidModelFileException naming the first that is not of finite numbers, or if they
   *     cannot be read
   */
  static void requireFinite(GgufFile file) {
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
      for (GgufTensor tensor : file.tensors().values()) {
        if (tensor.type() == TensorType.F32 && tensor.elements() == tensor.dimension(0)) {
          requireFinite(file, tensor, channel, piece);
        }
      }
    } catch (IOException e) {
      throw InvalidModelFileException.unreadable(file.path(), e);
    }
  }

  private static void requireFinite(
      GgufFile file, GgufTensor tensor, FileChannel channel, ByteBuffer piece) throws IOException {
    long begin = file.dataOffset() + tensor.offset();
    for (long at = 0; at < tensor.bytes(); at += PIECE_BYTES) {
      piece.clear().limit((int) Math.min(PIECE_BYTES, tensor.bytes() - at));
      while (piece.hasRemaining() && channel.read(piece, begin + at + piece.position()) >= 0) {
        // a read may give less than asked for
      }
      FloatBuffer values = piece.flip().asFloatBuffer();
      for (int i = 0; i < values.limit(); i++) {
        if (!Float.isFinite(values.get(i))) {
          throw new InvalidModelFileException(
              file.path(),
              "has a tensor '%s' whose element %s is %s, but weights are finite numbers"
                  .formatted(tensor.name(), number(at / Float.BYTES + i), values.get(i)),
              DAMAGED);
        }
      }
    }
  }

  /**
   * Looks here and there into every matrix: an unfinished download, or a disk that lost blocks,
   * leaves zeros, which no training does.
   *
   * @throws InvalidModelFileException naming a matrix in which there is nothing
   */
  static void requireFilled(GgufFile file) {
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
      for (GgufTensor tensor : file.tensors().values()) {
        if (tensor.dimensions().size() >= 2
            && stored(channel, file.dataOffset() + tensor.offset())
                .isHollow(tensor.name(), tensor.bytes())) {
          throw new InvalidModelFileException(
              file.path(),
              "has zeros in place of tensor %s, as where a download was not finished or a disk lost a part of it"
                  .formatted(quoted(tensor.name())),
              DOWNLOAD_AGAIN);
        }
      }
    } catch (IOException e) {
      throw InvalidModelFileException.unreadable(file.path(), e);
    }
  }

  private static FilledSamples stored(FileChannel channel, long begin) {
    return new FilledSamples() {
      @Override
      protected void read(long from, ByteBuffer into) throws IOException {
        while (into.hasRemaining() && channel.read(into, begin + from + into.position()) >= 0) {
          // a read may give less than asked for
        }
      }
    };
  }
}
