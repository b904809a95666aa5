package dev.vignette.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.WeightsException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
  @TempDir Path folder;

  @Test
  void arraysThatAreWrittenAreLoadedAgain() throws Exception {
    Path file = folder.resolve("two.safetensors");
    try (NDManager manager = Torch.newManager()) {
      SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();
      arrays.put("matrix", manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3)));
      arrays.put("ids", manager.create(new long[] {7, 50256}));
      SafetensorsWriter.write(file, arrays, Map.of("format", "pt"));
      Safetensors read = Safetensors.open(file);
      assertThat(Weights.load(manager, read, "matrix")).isEqualTo(arrays.get("matrix"));
      assertThat(read.bytes("ids").asLongBuffer().get(1)).isEqualTo(50256);
    }
  }

  @Test
  void weightsThatAreNotNumbersAreRefusedByName() throws Exception {
    Path file = folder.resolve("broken.safetensors");
    for (float none : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      try (NDManager manager = Torch.newManager()) {
        SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();
        arrays.put("good", manager.create(new float[] {1, 2}));
        arrays.put("bad", manager.create(new float[] {1, none, 3}));
        SafetensorsWriter.write(file, arrays, Map.of());
        Safetensors read = Safetensors.open(file);
        Weights.load(manager, read, "good");
        assertThatThrownBy(() -> Weights.load(manager, read, "bad"))
            .isInstanceOf(WeightsException.class)
            .hasMessageContainingAll(file.toString(), "\"bad\"", "not finite numbers");
      }
    }
  }

  @Test
  void missingExtraAndMisshapedTensorsAreAllNamed() throws Exception {
    Path file = folder.resolve("three.safetensors");
    try (NDManager manager = Torch.newManager()) {
      SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();
      for (String name : new String[] {"t.a", "t.b", "t.z"}) {
        arrays.put(name, manager.zeros(new Shape(2)));
      }
      SafetensorsWriter.write(file, arrays, Map.of());
    }
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("a", new Shape(2));
    shapes.put("b", new Shape(1, 2));
    shapes.put("c", new Shape(3));
    Weights.Table table = new Weights.Table("a test model", shapes, name -> false, "t.");
    Safetensors read = Safetensors.open(file);
    assertThatThrownBy(() -> Weights.checked(read, table))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("a test model")
        .hasMessageContaining("1 missing: c")
        .hasMessageContaining("1 extra: z")
        .hasMessageContaining("1 mis-shaped: b is (2) and must be (1, 2)");
  }
}
