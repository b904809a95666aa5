package dev.vignette.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
   * @throws WeightsException naming the missing, extra and mis-shaped tensors, ten of each at most
   */
  public static Weights checked(TensorFile file, Table table) {
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
      } else if (!file.info(fileName).shape().equals(shape)) {
        misshaped.add(
            "%s is %s and must be %s".formatted(name, file.info(fileName).shape(), shape));
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
    return new Weights(file, fileNames);
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

  /** Loads a tensor of the table as float32, see {@link TensorFile#load}. */
  public NDArray load(NDManager manager, String name) {
    String fileName = fileNames.get(name);
    if (fileName == null) {
      throw new IllegalArgumentException("%s has no tensor \"%s\"".formatted(file.path(), name));
    }
    return file.load(manager, fileName);
  }
}
