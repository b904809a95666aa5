package dev.vignette.llama;

import dev.vignette.llama.internal.NativeHandle;
import dev.vignette.llama.internal.NativeLog;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.llama_model_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A language model's weights and vocabulary.
 *
 * <p>May be shared between threads and between contexts. Closing it while contexts use it is safe:
 * the memory goes when the last of them is closed too.
 */
public final class LlamaModel implements AutoCloseable {

  private final NativeHandle handle;
  private final Vocabulary vocabulary;
  private final ModelOptions options;

  private LlamaModel(NativeHandle handle, ModelOptions options) {
    this.handle = handle;
    this.options = options;
    this.vocabulary = new Vocabulary(handle);
  }

  /**
   * Loads a GGUF file, the native libraries with it if they are not loaded.
   *
   * @throws NativeLoadException if the native libraries do not load or the device is not there
   * @throws LlamaException if llama.cpp refuses the file, such as for weights that are not numbers,
   *     with what it logged
   */
  public static LlamaModel load(Path file, ModelOptions options) {
    LlamaRuntime.load(options.device());
    NativeLog.forget();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment params = LlamaCpp.llama_model_default_params(arena);
      llama_model_params.n_gpu_layers(
          params, options.device() instanceof DeviceRequest.Cpu ? 0 : options.gpuLayers());
      llama_model_params.split_mode(params, LlamaCpp.LLAMA_SPLIT_MODE_NONE());
      llama_model_params.devices(params, LlamaRuntime.deviceArray(options.device(), arena));
      llama_model_params.load_mode(
          params,
          options.memoryMap() ? LlamaCpp.LLAMA_LOAD_MODE_MMAP() : LlamaCpp.LLAMA_LOAD_MODE_NONE());
      // What is not a number need not make the logits so: quantizing what it is multiplied with
      // passes over it, and the model writes nonsense that looks like captions.
      llama_model_params.check_tensors(params, true);
      MemorySegment model =
          LlamaCpp.llama_model_load_from_file(arena.allocateFrom(file.toString()), params);
      if (model.equals(MemorySegment.NULL)) {
        String said = NativeLog.recent();
        throw new LlamaException(
            "llama.cpp could not load the language model '%s'; %s%s"
                .formatted(file, said, remedy(said)));
      }
      NativeHandle handle =
          NativeHandle.shared("model '" + file + "'", model, LlamaCpp::llama_model_free);
      return new LlamaModel(handle, options);
    }
  }

  /** What to do about what llama.cpp said, where that is known. */
  static String remedy(String said) {
    if (said.contains("invalid data")) {
      return ". It has weights that are not numbers: its file is damaged, get it again";
    }
    if (said.contains("is duplicated")) {
      return ". Parts of different models may be mixed: get all of one again";
    }
    return said.contains("temporarily unavailable") || said.contains("allocate memory")
        ? ". The system gives this program no more memory: raise the limit (ulimit -v, or that of the container), or choose a smaller model"
        : "";
  }

  NativeHandle handle() {
    return handle;
  }

  ModelOptions options() {
    return options;
  }

  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** The longest context it was trained on, in tokens. */
  public int trainingContextLength() {
    return LlamaCpp.llama_model_n_ctx_train(handle.pointer());
  }

  /** The width of its input embeddings. */
  public int embeddingLength() {
    return LlamaCpp.llama_model_n_embd_inp(handle.pointer());
  }

  public int layerCount() {
    return LlamaCpp.llama_model_n_layer(handle.pointer());
  }

  public int headCount() {
    return LlamaCpp.llama_model_n_head(handle.pointer());
  }

  public long parameterCount() {
    return LlamaCpp.llama_model_n_params(handle.pointer());
  }

  /**
   * Architecture, size and quantization in llama.cpp's words, such as {@code llama 7B Q4_K -
   * Medium}.
   */
  public String description() {
    int capacity = 256;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(capacity);
      LlamaCpp.llama_model_desc(handle.pointer(), text, capacity);
      return text.getString(0);
    }
  }

  @Override
  public void close() {
    handle.close();
  }

  /**
   * How a model is loaded.
   *
   * @param device where it computes
   * @param gpuLayers layers kept on the accelerator, from the last; {@link #ALL_LAYERS} for all
   * @param memoryMap whether the file is mapped (starts sooner, shared between processes) or read
   */
  public record ModelOptions(DeviceRequest device, int gpuLayers, boolean memoryMap) {

    /** Every layer. */
    public static final int ALL_LAYERS = -1;

    public ModelOptions {
      if (gpuLayers < ALL_LAYERS) {
        throw new IllegalArgumentException(
            "GPU layers are 0 or more, or -1 for all of them, not " + gpuLayers);
      }
    }

    /** The best device, all layers on it, the file mapped. */
    public static ModelOptions defaults() {
      return new ModelOptions(new DeviceRequest.Auto(), ALL_LAYERS, true);
    }

    public ModelOptions withDevice(DeviceRequest value) {
      return new ModelOptions(value, gpuLayers, memoryMap);
    }
  }
}
