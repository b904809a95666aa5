package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.vignette.torch.ScriptModule;
import dev.vignette.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keys and values of what a decoder has read: of the visual rows once an image, however many
 * continuations it has, and of the text once a continuation. Images that joined later have rows
 * before their text that are nobody's and hidden; rows that are hidden for all are dropped.
 */
final class KeyValueCache implements AutoCloseable {
  private final NDManager manager;
  private final ScriptModule script;
  private final List<NDArray> prefixKeys;
  private final List<NDArray> prefixValues;
  private final List<NDArray> keys = new ArrayList<>();
  private final List<NDArray> values = new ArrayList<>();
  private long[] starts;
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
    starts = new long[Math.toIntExact(prefixKeys.getFirst().getShape().get(0))];
  }

  /** Number of images, B. */
  int images() {
    return starts.length;
  }

  /** Text rows held, t: as many as the image has read that is here longest. */
  int length() {
    return length;
  }

  /** The text position at which each of an image's continuations reads next. */
  long position(int image) {
    return length - starts[image];
  }

  /** Where the next step may not look, (B·N, 1, 1, t + 1), true in rows that are nobody's. */
  NDArray hidden(NDManager owner, int continuations) {
    int columns = length + 1;
    boolean[] hidden = new boolean[images() * continuations * columns];
    for (int row = 0; row < images() * continuations; row++) {
      int from = row * columns;
      Arrays.fill(hidden, from, from + (int) starts[row / continuations], true);
    }
    return owner.create(hidden, new Shape((long) images() * continuations, 1, 1, columns));
  }

  /** The inputs of a block's step after its weights. */
  NDArray[] inputs(NDManager owner, int layer, NDArray x, NDArray hidden) {
    if (keys.size() <= layer) {
      NDArray empty = script.call(owner, "unread", x, prefixKeys.get(layer)).singletonOrThrow();
      return new NDArray[] {
        x, prefixKeys.get(layer), prefixValues.get(layer), empty, empty, hidden
      };
    }
    return new NDArray[] {
      x, prefixKeys.get(layer), prefixValues.get(layer), keys.get(layer), values.get(layer), hidden
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
   * together, equally many for each image; whoever leaves images out calls {@link #keepImages}
   * next.
   */
  void select(long[] rows) {
    Torch.inference(() -> {
      try (NDArray index = manager.create(rows)) {
        selectAll(keys, index);
        selectAll(values, index);
      }
      return true;
    });
  }

  /** Drops the visual rows of the other images, whose continuations are dropped already. */
  void keepImages(long[] images) {
    Torch.inference(() -> {
      try (NDArray index = manager.create(images)) {
        selectAll(prefixKeys, index);
        selectAll(prefixValues, index);
      }
      return true;
    });
    starts = Arrays.stream(images).map(image -> starts[(int) image]).toArray();
    dropHiddenByAll();
  }

  private void dropHiddenByAll() {
    long hidden = Arrays.stream(starts).min().orElse(0);
    if (hidden > 0) {
      dropColumns(keys, hidden);
      dropColumns(values, hidden);
      starts = Arrays.stream(starts).map(start -> start - hidden).toArray();
      length -= (int) hidden;
    }
  }

  private static void dropColumns(List<NDArray> arrays, long count) {
    for (int layer = 0; layer < arrays.size(); layer++) {
      NDArray rest = arrays.get(layer).get(":, :, {}:", count); // (B·N, H, t - count, D)
      rest.attach(arrays.get(layer).getManager());
      arrays.set(layer, rest).close();
    }
  }

  /**
   * Takes over images that have read nothing yet, behind those that are here. Their text begins at
   * the next step, whatever the others have read.
   */
  void join(KeyValueCache others) {
    Torch.inference(() -> {
      pad(keys, others);
      pad(values, others);
      joinAll(prefixKeys, others.prefixKeys);
      joinAll(prefixValues, others.prefixValues);
      return true;
    });
    int before = starts.length;
    starts = Arrays.copyOf(starts, before + others.images());
    Arrays.fill(starts, before, starts.length, length);
    others.close();
  }

  private void joinAll(List<NDArray> arrays, List<NDArray> others) {
    for (int layer = 0; layer < arrays.size(); layer++) {
      put(arrays, layer, call("join", arrays.get(layer), others.get(layer)));
    }
  }

  /** Rows of zeros for the continuations of the images that join. */
  private void pad(List<NDArray> arrays, KeyValueCache others) {
    for (int layer = 0; layer < arrays.size(); layer++) {
      NDArray here = prefixKeys.get(layer);
      put(arrays, layer, call("pad", arrays.get(layer), here, others.prefixKeys.get(layer)));
    }
  }

  private NDArray call(String function, NDArray... inputs) {
    return script.call(manager, function, inputs).singletonOrThrow();
  }

  private void selectAll(List<NDArray> arrays, NDArray index) {
    for (int layer = 0; layer < arrays.size(); layer++) {
      put(arrays, layer, call("select", arrays.get(layer), index));
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
