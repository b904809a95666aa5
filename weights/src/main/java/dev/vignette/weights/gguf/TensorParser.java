package dev.vignette.weights.gguf;

import static dev.vignette.weights.gguf.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.gguf.Wording.number;
import static dev.vignette.weights.gguf.Wording.quoted;

import dev.vignette.weights.gguf.GgufFile.GgufTensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what a GGUF header says of the tensors. */
final class TensorParser {

  private static final int MAX_NAME_BYTES = 63;
  private static final int MAX_DIMENSIONS = 4;

  private final HeaderReader in;

  TensorParser(HeaderReader in) {
    this.in = in;
  }

  Map<String, GgufTensor> parse(int count) throws IOException {
    Map<String, GgufTensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      in.entering("tensor", i);
      String name = in.name(MAX_NAME_BYTES);
      in.entering("tensor", name);
      if (tensors.put(name, tensor(name)) != null) {
        throw broken("has the tensor " + quoted(name) + " twice");
      }
    }
    return tensors;
  }

  private GgufTensor tensor(String name) throws IOException {
    int count = in.int32();
    if (count < 0 || count > MAX_DIMENSIONS) {
      throw broken(
          "has %s with %s dimensions; at most %d are allowed"
              .formatted(in.place(), Integer.toUnsignedString(count), MAX_DIMENSIONS));
    }
    List<Long> dimensions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      dimensions.add(in.int64());
    }
    TensorType type = tensorType();
    GgufTensor tensor = new GgufTensor(name, dimensions, type, in.int64());
    requireSize(tensor);
    return tensor;
  }

  private TensorType tensorType() throws IOException {
    int id = in.int32();
    TensorType type = TensorType.of(id);
    if (type == null) {
      throw new InvalidModelFileException(
          in.file(),
          "has %s with the unknown tensor type %s; %s knows 0 to %d without those it has removed"
              .formatted(
                  in.place(),
                  Integer.toUnsignedString(id),
                  Architectures.LLAMA_CPP,
                  TensorType.COUNT - 1),
          "Get the model in a common quantization, such as Q4_K_M or Q8_0, or download it again");
    }
    return type;
  }

  private void requireSize(GgufTensor tensor) {
    for (long dimension : tensor.dimensions()) {
      if (dimension < 1) {
        throw broken(
            "has %s with dimensions %s; each must be at least 1"
                .formatted(in.place(), tensor.dimensions()));
      }
    }
    try {
      tensor.bytes();
    } catch (ArithmeticException overflow) {
      throw broken(
          "has %s with dimensions %s, more elements than can be counted"
              .formatted(in.place(), tensor.dimensions()));
    }
    if (tensor.dimension(0) % tensor.type().blockElements() != 0) {
      throw broken(
          "has %s with rows of %s elements; %s stores %d together"
              .formatted(
                  in.place(),
                  number(tensor.dimension(0)),
                  tensor.type(),
                  tensor.type().blockElements()));
    }
  }

  private InvalidModelFileException broken(String problem) {
    return new InvalidModelFileException(in.file(), problem, DAMAGED);
  }
}
