package dev.vignette.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.function.Function;

/**
 * Holds weights that never train in the number format of the maps that use them, so that no step
 * casts them again. What a loader makes in float32 is freed once it is cast.
 */
public final class FrozenWeights implements AutoCloseable {
  private static final String SCRIPT =
      """
        def lower(self, x: Tensor) -> Tensor:
          return %s
      """;

  private final NDManager manager;
  private final Precision precision;
  private final ScriptModule script;

  /**
   * @param manager owner of the weights
   */
  public FrozenWeights(NDManager manager, Precision precision) {
    this.manager = manager;
    this.precision = precision;
    script = ScriptModule.compile(manager, SCRIPT.formatted(precision.lowered("x")));
  }

  /** Makes float32 arrays that belong to the manager given. */
  @FunctionalInterface
  public interface Loader<T> extends Function<NDManager, T> {}

  /** The weight of a linear map. */
  public NDArray map(Loader<NDArray> loader) {
    if (precision == Precision.FP32) {
      return loader.apply(manager);
    }
    try (NDManager loading = manager.newSubManager()) {
      return lower(loader.apply(loading));
    }
  }

  /** The weights of a block in {@link BlockScript}'s order; its norms stay float32. */
  public NDList block(BlockShape shape, Loader<NDList> loader) {
    if (precision == Precision.FP32) {
      return loader.apply(manager);
    }
    try (NDManager loading = manager.newSubManager()) {
      NDList loaded = loader.apply(loading);
      NDList result = new NDList(loaded.size());
      for (int i = 0; i < loaded.size(); i++) {
        NDArray array = loaded.get(i);
        if (shape.isNorm(i)) {
          array.attach(manager);
          result.add(array);
        } else {
          result.add(lower(array));
        }
      }
      return result;
    }
  }

  private NDArray lower(NDArray array) {
    return script.call(manager, "lower", array).singletonOrThrow();
  }

  @Override
  public void close() {
    script.close();
  }
}
