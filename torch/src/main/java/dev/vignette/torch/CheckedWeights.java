package dev.vignette.torch;

import ai.djl.ndarray.NDArray;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.zip.CRC32C;

/**
 * Safetensors whose header has a checksum of their texts and tensors, so that a bit that changed on
 * a disk or a wire is noticed. Files without one are another program's, or an older version's.
 */
public final class CheckedWeights {
  private static final String CHECKSUM = "crc32c";

  private CheckedWeights() {}

  /** Writes arrays as {@link SafetensorsWriter#write} does, with a checksum among the texts. */
  public static void write(
      Path path, SequencedMap<String, NDArray> arrays, Map<String, String> metadata)
      throws IOException {
    Map<String, String> texts = new LinkedHashMap<>(metadata);
    texts.put(
        CHECKSUM,
        checksum(
            metadata,
            arrays.keySet(),
            name -> SafetensorsWriter.bytes(Objects.requireNonNull(arrays.get(name)))));
    SafetensorsWriter.write(path, arrays, texts);
  }

  /**
   * Checks a file that has a checksum.
   *
   * @param remedy what to do about a damaged one, a clause
   * @throws WeightsException if it is not what was written
   */
  public static void require(Safetensors file, String remedy) {
    String expected = file.metadata().get(CHECKSUM);
    if (expected == null) {
      return;
    }
    String found = checksum(file.metadata(), file.tensors().keySet(), file::bytes);
    if (!found.equals(expected)) {
      throw new WeightsException(
          "%s is damaged: its checksum is %s, but %s was saved with it; %s"
              .formatted(file.path(), found, expected, remedy));
    }
  }

  private static String checksum(
      Map<String, String> texts, Iterable<String> names, Function<String, ByteBuffer> bytes) {
    CRC32C sum = new CRC32C();
    new TreeMap<>(texts)
        .forEach((key, value) -> {
          if (!key.equals(CHECKSUM)) {
            add(sum, key);
            add(sum, value);
          }
        });
    TreeSet<String> sorted = new TreeSet<>();
    names.forEach(sorted::add);
    for (String name : sorted) {
      add(sum, name);
      sum.update(bytes.apply(name));
    }
    return "%08x".formatted(sum.getValue());
  }

  private static void add(CRC32C sum, String text) {
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    sum.update(0);
  }
}
