package dev.vignette.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.vignette.weights.TensorFile;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Predicate;

/**
 * The tensors of one model in a weight file, checked against what the model needs before any is
 * loaded.
 */
public final class Weights {
  private static final int NAMED_AT_MOST = 10;

  private final TensorFile file;
  private final Map<String, String> fileNames;

  private Weights(TensorFile file, Map<String, String> fileNames) {
    this.file = file;
    this.fileNames = fileNames;
  }

  /**
   * What a model needs.
   *
   * @param model name of the model for messages
   * @param shapes every key with its shape
   * @param ignorable keys that may be in the file besides (buffers, unused heads)
   * @param prefix what the file's keys may or may not start with, for example {@code transformer.}
   */
  public record Table(
      String model,
      SequencedMap<String, Shape> shapes,
      Predicate<String> ignorable,
      String prefix) {}

  /**
   * Checks a file against a table.
   *
   * @throws WeightsException naming the missing, extra and mis-shaped tensors, ten of each at most,
   *     or a matrix of zeros
   */
  public static Weights checked(TensorFile file, Table table) throws IOException {
    Map<String, String> fileNames = new LinkedHashMap<>();
    for (String name : file.tensors().keySet()) {
      fileNames.put(
          name.startsWith(table.prefix) ? name.substring(table.prefix.length()) : name, name);
    }
    List<String> missing = new ArrayList<>();
    List<String> misshaped = new ArrayList<>();
    table.shapes.forEach((name, shape) -> {
      String fileName = fileNames.get(name);
      if (fileName == null) {
        missing.add(name);
      } else if (!shape(file, fileName).equals(shape)) {
        misshaped.add("%s is %s and must be %s".formatted(name, shape(file, fileName), shape));
      }
    });
    List<String> extra =
        fileNames.keySet().stream()
            .filter(name -> !table.shapes.containsKey(name) && !table.ignorable.test(name))
            .toList();
    if (!missing.isEmpty() || !extra.isEmpty() || !misshaped.isEmpty()) {
      throw new WeightsException(
          "%s does not hold the weights of %s:%s%s%s"
              .formatted(
                  file.path(),
                  table.model,
                  listed("missing", missing),
                  listed("extra", extra),
                  listed("mis-shaped", misshaped)));
    }
    file.requireFilled(
        table.shapes.keySet().stream()
            .map(name -> Objects.requireNonNull(fileNames.get(name)))
            .toList());
    return new Weights(file, fileNames);
  }

  /** The shape of a tensor in a file. */
  static Shape shape(TensorFile file, String name) {
    return new Shape(file.info(name).shape().toArray());
  }

  /**
   * The tensor of a file as a float32 array owned by {@code manager}; float32 tensors on the CPU
   * stay backed by the file, so they must never be written to.
   *
   * @throws WeightsException if it does not hold finite numbers only
   */
  public static NDArray load(NDManager manager, TensorFile file, String name) {
    NDArray array = manager.create(file.float32(name), shape(file, name), DataType.FLOAT32);
    requireFinite(array, file, name);
    return manager.getDevice().equals(Device.cpu())
        ? array
        : array.toDevice(manager.getDevice(), false);
  }

  /** What is not a number, or infinite, makes a sum so; finite weights do not add up to that. */
  private static void requireFinite(NDArray array, TensorFile file, String name) {
    try (NDArray sum = array.sum()) {
      if (!Float.isFinite(sum.getFloat())) {
        array.close();
        throw new WeightsException(
            "%s has a tensor \"%s\" with weights that are not finite numbers: the file is damaged, or the training went wrong; get it again, or train again"
                .formatted(file.path(), name));
      }
    }
  }

  private static String listed(String what, List<String> names) {
    if (names.isEmpty()) {
      return "";
    }
    String shown = String.join(", ", names.subList(0, Math.min(NAMED_AT_MOST, names.size())));
    return "%n  %d %s: %s%s"
        .formatted(names.size(), what, shown, names.size() > NAMED_AT_MOST ? ", ..." : "");
  }

  /** The file. */
  public TensorFile file() {
    return file;
  }

  /** Loads a tensor of the table as float32, see {@link #load(NDManager, TensorFile, String)}. */
  public NDArray load(NDManager manager, String name) {
    String fileName = fileNames.get(name);
    if (fileName == null) {
      throw new IllegalArgumentException("%s has no tensor \"%s\"".formatted(file.path(), name));
    }
    return load(manager, file, fileName);
  }
}
