package dev.vignette.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.cuda.CudaUtils;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The PyTorch engine: one place where it is started, seeded and switched between training and
 * inference. Starting needs no network (docs/captioner.md says how to compute on a GPU) and reports
 * nothing home.
 */
public final class Torch {
  /**
   * The most threads of one operation. FBGEMM's {@code radix_sort_parallel}, which the gradient of
   * a selection of rows needs, has 4 KiB a thread on the stack of who calls it: 250 overflow the 1
   * MiB that Java gives one, and the process ends.
   */
  public static final int MOST_THREADS = 128;

  private static final Set<String> FAST_BFLOAT16 = Set.of("avx512_bf16", "amx_bf16", "bf16");

  private static @Nullable Engine engine;
  private static @Nullable String failure;

  private Torch() {}

  /**
   * The engine, started once; a failure is kept and said again to whoever asks next.
   *
   * @throws TorchLoadException if it does not start
   */
  private static synchronized Engine engine() {
    if (failure != null) {
      throw new TorchLoadException(failure, null);
    }
    if (engine == null) {
      try {
        engine = start();
      } catch (EngineException | LinkageError e) {
        String why =
            "PyTorch does not start here (%s); check that this installation is whole and made for this machine"
                .formatted(rootOf(e));
        failure = why;
        throw new TorchLoadException(why, e);
      }
    }
    return engine;
  }

  private static Throwable rootOf(Throwable failed) {
    Throwable root = failed;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static Engine start() {
    if (System.getProperty("ai.djl.offline") == null) {
      System.setProperty("ai.djl.offline", "true");
    }
    System.setProperty("OPT_OUT_TRACKING", "true");
    Engine started = Engine.getEngine("PyTorch");
    // Plain execution: what autograd records, and so memory and random numbers, never depends on
    // how often a function ran before.
    JniUtils.setGraphExecutorOptimize(false);
    if (JniUtils.getNumThreads() > MOST_THREADS) { // a processor of more, or OMP_NUM_THREADS
      JniUtils.setNumThreads(MOST_THREADS);
    }
    return started;
  }

  /** An accelerator when the engine has one, otherwise the CPU. */
  public static Device device() {
    return engine().getGpuCount() > 0 ? Device.gpu() : Device.cpu();
  }

  /** A new owner of arrays on {@link #device()}; close it to free them. */
  public static NDManager newManager() {
    return engine().newBaseManager(device());
  }

  /** The array itself if it lies in the host's memory, otherwise a copy there. */
  static NDArray onHost(NDManager owner, NDArray array) {
    if (!array.getDevice().isGpu()) {
      return array;
    }
    NDArray copy = array.toDevice(Device.cpu(), true);
    copy.attach(owner);
    return copy;
  }

  /**
   * Whether {@link #device()} multiplies bfloat16 matrices faster than float32 ones: a GPU of
   * compute capability 8.0 or later, or a CPU with instructions for it.
   */
  public static boolean hasFastBfloat16() {
    return device().isGpu()
        ? Integer.parseInt(CudaUtils.getComputeCapability(0)) >= 80
        : CpuFlags.read().stream().anyMatch(FAST_BFLOAT16::contains);
  }

  /** Seeds the engine's random numbers; call it on the thread that draws them. */
  public static void seed(long seed) {
    engine();
    JniUtils.setSeed(seed);
  }

  /**
   * Sets the number of threads that one operation uses.
   *
   * @param threads 1 to {@link #MOST_THREADS}
   */
  public static void setThreads(int threads) {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "Threads must be >= 1 and <= %d, not %d".formatted(MOST_THREADS, threads));
    }
    engine();
    JniUtils.setNumThreads(threads);
  }

  /**
   * The libtorch that is used.
   *
   * @param version such as 2.7.1
   * @param folder of its libraries
   * @param cuda whether it was made for CUDA
   * @param gpus the number of GPUs it sees
   */
  public record Installation(String version, Path folder, boolean cuda, int gpus) {}

  /**
   * Which libtorch is used, started if it was not.
   *
   * @throws TorchLoadException if it does not start
   */
  public static Installation installation() {
    Engine used = engine();
    return new Installation(
        used.getVersion(),
        Path.of(LibUtils.getLibtorchPath()),
        used.hasCapability(StandardCapabilities.CUDA),
        used.getGpuCount());
  }

  /** Version of libtorch and where it computes, for logs. */
  public static String version() {
    return "libtorch %s on %s".formatted(engine().getVersion(), device());
  }

  /**
   * Gives an array the values of another of its shape, without recording for gradients. ({@code
   * copyTo} does too, but DJL's warns at its first call that it uses a deprecated guard.)
   */
  public static void copy(NDArray from, NDArray to) {
    if (!from.getShape().equals(to.getShape())) {
      throw new IllegalArgumentException(
          "An array of shape %s cannot take values of shape %s"
              .formatted(to.getShape(), from.getShape()));
    }
    inference(() -> {
      to.set(new NDIndex("..."), from);
      return to;
    });
  }

  /** Runs {@code work} on this thread without recording for gradients. */
  public static <T> T inference(Supplier<T> work) {
    return withGradients(false, work);
  }

  /** Runs {@code work} on this thread, recording for gradients. */
  public static <T> T recording(Supplier<T> work) {
    return withGradients(true, work);
  }

  /**
   * Adds the gradients of a scalar to those of the arrays it depends on; call it inside {@link
   * #recording}.
   */
  public static void backward(NDArray scalar) {
    try (NDArray one = scalar.getManager().ones(scalar.getShape(), scalar.getDataType())) {
      JniUtils.backward((PtNDArray) scalar, (PtNDArray) one, false, false);
    }
  }

  private static <T> T withGradients(boolean on, Supplier<T> work) {
    engine();
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(on);
    try {
      return work.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }
}
