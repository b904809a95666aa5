package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.vignette.torch.Torch;
import dev.vignette.torch.Weights;
import dev.vignette.weights.TensorFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * The arrays that training changes: the projection of visual rows, and A and B of every adapter.
 * Their names are {@code proj.weight}, {@code proj.bias} and {@code <module>.A}, {@code
 * <module>.B}.
 */
public final class Trainables implements AutoCloseable {
  public static final String PROJECTION_WEIGHT = "proj.weight";
  public static final String PROJECTION_BIAS = "proj.bias";

  private final NDManager manager;
  private final SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();

  private Trainables(NDManager parent) {
    manager = parent.newSubManager();
  }

  /**
   * Fresh arrays: the projection as {@code torch.nn.Linear} begins, A of linear maps uniform in
   * ±1/√in with B zero, A of embeddings zero with B normal (loralib, PEFT). So a fresh adapter
   * changes nothing.
   *
   * @param visualWidth channels of the visual rows
   * @param width channels of the decoder
   * @param seed of all draws
   */
  public static Trainables fresh(
      NDManager parent, AdapterPlan plan, int visualWidth, int width, long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Trainables trainables = new Trainables(parent);
    double bound = 1 / Math.sqrt(visualWidth);
    trainables.put(PROJECTION_WEIGHT, new Shape(width, visualWidth), () -> uniform(random, bound));
    trainables.put(PROJECTION_BIAS, new Shape(width), () -> uniform(random, bound));
    for (AdapterSlot slot : plan.slots()) {
      double boundOfA = 1 / Math.sqrt(slot.in());
      trainables.put(
          slot.module() + ".A",
          slot.shapeOfA(),
          slot.embedding() ? () -> 0 : () -> uniform(random, boundOfA));
      trainables.put(
          slot.module() + ".B",
          slot.shapeOfB(),
          slot.embedding() ? () -> (float) random.nextGaussian() : () -> 0);
    }
    return trainables;
  }

  @FunctionalInterface
  private interface Draw {
    float next();
  }

  private static float uniform(RandomGenerator random, double bound) {
    return (float) ((2 * random.nextDouble() - 1) * bound);
  }

  private void put(String name, Shape shape, Draw draw) {
    ByteBuffer data =
        ByteBuffer.allocateDirect(Math.toIntExact(shape.size() * Float.BYTES))
            .order(ByteOrder.nativeOrder());
    FloatBuffer floats = data.asFloatBuffer();
    while (floats.hasRemaining()) {
      floats.put(draw.next());
    }
    NDArray array = manager.create(shape, DataType.FLOAT32);
    try (NDArray values = manager.create(data, shape, DataType.FLOAT32)) {
      Torch.copy(values, array);
    }
    arrays.put(name, array);
  }

  /** The arrays by name, the projection first. */
  public SequencedMap<String, NDArray> arrays() {
    return Collections.unmodifiableSequencedMap(arrays);
  }

  /** The array of a name. */
  public NDArray array(String name) {
    NDArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("There is no trainable array \"%s\"".formatted(name));
    }
    return array;
  }

  /** Takes the values of an array of the same shape. */
  public void set(String name, NDArray values) {
    set(name, values, name);
  }

  /** Takes the values that a file holds under another name. */
  public void set(TensorFile file, String savedName, String name) {
    try (NDArray values = Weights.load(manager, file, savedName)) {
      set(name, values, "%s of %s".formatted(savedName, file.path()));
    }
  }

  private void set(String name, NDArray values, String source) {
    NDArray array = array(name);
    if (!array.getShape().equals(values.getShape())) {
      throw new IllegalArgumentException(
          "%s has the shape %s and must have %s: was it trained with another rank or encoder?"
              .formatted(source, values.getShape(), array.getShape()));
    }
    Torch.copy(values, array);
  }

  /** Takes the values that a file holds under {@code prefix + name}. */
  public void restore(TensorFile file, String prefix) {
    arrays.keySet().forEach(name -> set(file, prefix + name, name));
  }

  /** Sets which arrays collect gradients. */
  public void require(boolean projection, boolean adapters) {
    arrays.forEach((name, array) ->
        array.setRequiresGradient(name.startsWith("proj.") ? projection : adapters));
  }

  /** Whether every element is a finite number. */
  public boolean areFinite() {
    return Torch.inference(() -> arrays.values().stream().allMatch(Trainables::isFinite));
  }

  private static boolean isFinite(NDArray array) {
    try (NDArray nothing = array.mul(0);
        NDArray sum = nothing.sum()) {
      return sum.getFloat() == 0; // Of an infinite element, and of no number, it is no number.
    }
  }

  /** Trainable elements. */
  public long parameters() {
    return arrays.values().stream().mapToLong(a -> a.getShape().size()).sum();
  }

  @Override
  public void close() {
    manager.close();
  }
}
