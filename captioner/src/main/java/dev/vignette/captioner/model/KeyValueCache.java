package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.torch.ScriptModule;
import dev.vignette.torch.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of what a decoder has read: of the visual rows once an image, however many
 * continuations it has, and of the text once a continuation.
 */
public final class KeyValueCache implements AutoCloseable {
  private final NDManager manager;
  private final ScriptModule script;
  private final List<NDArray> prefixKeys;
  private final List<NDArray> prefixValues;
  private final List<NDArray> keys = new ArrayList<>();
  private final List<NDArray> values = new ArrayList<>();
  private int length;

  /** Takes over the arrays (B, H, P, D) of every layer. */
  KeyValueCache(
      NDManager parent, ScriptModule script, List<NDArray> prefixKeys, List<NDArray> prefixValues) {
    this.manager = parent.newSubManager();
    this.script = script;
    this.prefixKeys = new ArrayList<>(prefixKeys);
    this.prefixValues = new ArrayList<>(prefixValues);
    prefixKeys.forEach(array -> array.attach(manager));
    prefixValues.forEach(array -> array.attach(manager));
  }

  /** Number of images, B. */
  public int images() {
    return (int) prefixKeys.getFirst().getShape().get(0);
  }

  /** Text tokens read so far, t. */
  public int length() {
    return length;
  }

  /** The inputs of a block's step after its weights. */
  NDArray[] inputs(NDManager owner, int layer, NDArray x) {
    if (keys.size() <= layer) {
      NDArray empty = script.call(owner, "unread", x, prefixKeys.get(layer)).singletonOrThrow();
      return new NDArray[] {x, prefixKeys.get(layer), prefixValues.get(layer), empty, empty};
    }
    return new NDArray[] {
      x, prefixKeys.get(layer), prefixValues.get(layer), keys.get(layer), values.get(layer)
    };
  }

  void replace(int layer, NDArray newKeys, NDArray newValues) {
    put(keys, layer, newKeys);
    put(values, layer, newValues);
  }

  private void put(List<NDArray> arrays, int layer, NDArray array) {
    array.attach(manager);
    if (arrays.size() <= layer) {
      arrays.add(array);
    } else {
      arrays.set(layer, array).close();
    }
  }

  void grew() {
    length++;
  }

  /**
   * Reorders the continuations: the i-th becomes what {@code rows[i]} was. Rows of one image stay
   * together, equally many for each image.
   */
  public void select(long[] rows) {
    Torch.inference(() -> {
      try (NDArray index = manager.create(rows)) {
        selectAll(keys, index);
        selectAll(values, index);
      }
      return true;
    });
  }

  /** Drops the other images; their continuations go with them. */
  public void keepImages(long[] images, int continuations) {
    long[] rows = new long[images.length * continuations];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = images[i / continuations] * continuations + i % continuations;
    }
    select(rows);
    Torch.inference(() -> {
      try (NDArray index = manager.create(images)) {
        selectAll(prefixKeys, index);
        selectAll(prefixValues, index);
      }
      return true;
    });
  }

  private void selectAll(List<NDArray> arrays, NDArray index) {
    for (int layer = 0; layer < arrays.size(); layer++) {
      NDArray selected =
          script.call(manager, "select", arrays.get(layer), index).singletonOrThrow();
      arrays.set(layer, selected).close();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
