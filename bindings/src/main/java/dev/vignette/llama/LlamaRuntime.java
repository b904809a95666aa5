package dev.vignette.llama;

import dev.vignette.llama.internal.NativeHandle;
import dev.vignette.llama.internal.NativeLibrary;
import dev.vignette.llama.internal.NativeLog;
import dev.vignette.llama.internal.WordCall;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The native side of this process: which build is loaded, its version, its devices and its log.
 *
 * <p>A process loads one build, once; the first {@link #load} decides.
 */
public final class LlamaRuntime {

  private static final int GPU_TYPE = LlamaCpp.GGML_BACKEND_DEVICE_TYPE_GPU();

  /** Over all threads; what is left of a run's time is Java's. */
  private static final LongAdder NATIVE_NANOS = new LongAdder();

  private final NativeLibrary.Loaded build;

  private LlamaRuntime(NativeLibrary.Loaded build) {
    this.build = build;
  }

  /**
   * Loads the native libraries for a device, or returns what is loaded.
   *
   * @throws NativeLoadException if there is no build for it, it does not fit this machine, or the
   *     device is not there
   */
  public static LlamaRuntime load(DeviceRequest request) {
    LlamaRuntime runtime = new LlamaRuntime(NativeLibrary.load(request));
    if (request instanceof DeviceRequest.Cuda(int index)) {
      List<Device> cards = runtime.gpus();
      if (index >= cards.size()) {
        throw new NativeLoadException(
            "CUDA device %d was asked for, but the devices here are %s; use one of them, cpu or auto"
                .formatted(index, names(cards)));
      }
    }
    return runtime;
  }

  /**
   * Begins to load the native libraries for a device, and to link the calls that captions make, on
   * a thread of its own. {@link #load} waits for the libraries, and says what failed.
   */
  public static void loadAhead(DeviceRequest request) {
    Thread.ofPlatform()
        .daemon()
        .name("vignette-load")
        .start(() -> {
          try {
            load(request);
            var _ = captionCalls();
          } catch (RuntimeException | LinkageError _) {
            // Whoever needs them is told.
          }
        });
  }

  /**
   * Links the calls that a caption makes, in the order in which they are needed. Linking one for
   * the first time takes milliseconds, and all of them more than computing a caption of a small
   * model.
   */
  private static List<MethodHandle> captionCalls() {
    return List.of(
        LlamaCpp.llama_model_default_params$handle(),
        WordCall.link(),
        LlamaCpp.llama_model_load_from_file$handle(),
        LlamaCpp.mtmd_context_params_default$handle(),
        LlamaCpp.mtmd_init_from_file$handle(),
        LlamaCpp.llama_context_default_params$handle(),
        LlamaCpp.llama_init_from_model$handle(),
        LlamaCpp.llama_decode$handle());
  }

  /** Such as {@code cuda:0 (NVIDIA H100), cuda:1 (NVIDIA H100)}. */
  private static String names(List<Device> cards) {
    return cards.isEmpty()
        ? "no CUDA devices"
        : IntStream.range(0, cards.size())
            .mapToObj(i -> "cuda:%d (%s)".formatted(i, cards.get(i).description()))
            .collect(Collectors.joining(", "));
  }

  /** The accelerator that a request means; empty if it means the processor. */
  public Optional<Device> gpu(DeviceRequest request) {
    List<Device> cards = gpus();
    if (request instanceof DeviceRequest.Cpu || cards.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        request instanceof DeviceRequest.Cuda(int index) ? cards.get(index) : cards.getFirst());
  }

  /**
   * Sends llama.cpp's log lines of this level and above to the logger {@code dev.vignette.llama};
   * errors by default.
   */
  public static void setLogLevel(System.Logger.Level level) {
    var _ = NativeLog.setThreshold(level);
  }

  /** Nanoseconds this process has spent inside llama.cpp's longer calls, over all threads. */
  public static long nativeNanos() {
    return NATIVE_NANOS.sum();
  }

  /** Counts a call that began at {@code began} by {@link System#nanoTime} and ends now. */
  static void addNative(long began) {
    NATIVE_NANOS.add(System.nanoTime() - began);
  }

  /** The folder the libraries were loaded from. */
  public Path folder() {
    return build.folder();
  }

  /** {@code cpu} or {@code cuda}. */
  public String flavor() {
    return build.flavor();
  }

  /** Why this build was chosen, as part of a sentence. */
  public String reason() {
    return build.reason();
  }

  /**
   * The kind of processor whose kernels a portable build loaded, such as {@code haswell}; empty for
   * a build for one processor.
   */
  public String variant() {
    return build.variant();
  }

  /** The instruction sets the build was compiled for, in the kernel's names, such as avx2. */
  public List<String> instructionSets() {
    return build.instructionSets();
  }

  /** The instruction sets this processor has, in the kernel's names; empty when it is not told. */
  public List<String> processorInstructionSets() {
    return NativeLibrary.processorInstructionSets();
  }

  /** What the build had to say of itself, such as why it does without AMX; empty for nothing. */
  public String remark() {
    return build.remark();
  }

  /** llama.cpp's version that these bindings are made for: no other loads. Loads nothing itself. */
  public static String pinnedVersion() {
    return NativeLibrary.pinnedVersion();
  }

  /** llama.cpp's version, such as {@code 0.5.0}. */
  public String version() {
    return NativeHandle.text(LlamaCpp.llama_version());
  }

  /** The instruction sets and features the build uses, in llama.cpp's words. */
  public String systemInfo() {
    return NativeHandle.text(LlamaCpp.llama_print_system_info()).strip();
  }

  /** Every device the build can compute on. */
  public List<Device> devices() {
    List<Device> devices = new ArrayList<>();
    for (long i = 0; i < LlamaCpp.ggml_backend_dev_count(); i++) {
      devices.add(describe(LlamaCpp.ggml_backend_dev_get(i)));
    }
    return List.copyOf(devices);
  }

  /** The accelerators among {@link #devices}, in CUDA's order. */
  public List<Device> gpus() {
    return devices().stream().filter(Device::gpu).toList();
  }

  private static Device describe(MemorySegment device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
      LlamaCpp.ggml_backend_dev_memory(device, free, total);
      return new Device(
          NativeHandle.text(LlamaCpp.ggml_backend_dev_name(device)),
          NativeHandle.text(LlamaCpp.ggml_backend_dev_description(device)),
          LlamaCpp.ggml_backend_dev_type(device) == GPU_TYPE,
          free.get(ValueLayout.JAVA_LONG, 0),
          total.get(ValueLayout.JAVA_LONG, 0));
    }
  }

  /**
   * The native devices a model shall use, as a zero-terminated array; an empty array for the
   * processor alone.
   */
  static MemorySegment deviceArray(DeviceRequest request, Arena arena) {
    List<MemorySegment> chosen = new ArrayList<>();
    for (long i = 0; i < LlamaCpp.ggml_backend_dev_count(); i++) {
      MemorySegment device = LlamaCpp.ggml_backend_dev_get(i);
      if (LlamaCpp.ggml_backend_dev_type(device) == GPU_TYPE) {
        chosen.add(device);
      }
    }
    if (request instanceof DeviceRequest.Cuda(int index)) {
      chosen = chosen.subList(index, index + 1);
    } else {
      int wanted = request instanceof DeviceRequest.Cpu ? 0 : 1;
      chosen = chosen.subList(0, Math.min(wanted, chosen.size()));
    }
    MemorySegment array = arena.allocate(ValueLayout.ADDRESS, chosen.size() + 1);
    for (int i = 0; i < chosen.size(); i++) {
      array.setAtIndex(ValueLayout.ADDRESS, i, chosen.get(i));
    }
    return array;
  }

  /**
   * A device that the loaded native build can compute on.
   *
   * @param name the name llama.cpp gives it, such as {@code CPU} or {@code CUDA0}
   * @param description what it is, such as the processor's or the card's name
   * @param gpu whether it is an accelerator
   * @param freeBytes memory free on it now
   * @param totalBytes memory it has
   */
  public record Device(
      String name, String description, boolean gpu, long freeBytes, long totalBytes) {}
}
