package dev.vignette.llama.internal;

import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.llama_context_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Makes llama.cpp abort the process, by a call that the safe layer would have refused. For {@link
 * AbortTest}.
 */
final class Abort {

  private Abort() {}

  public static void main(String[] arguments) {
    NativeLibrary.load(new DeviceRequest.Cpu());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment model =
          LlamaCpp.llama_model_load_from_file(
              arena.allocateFrom(arguments[0]), LlamaCpp.llama_model_default_params(arena));
      MemorySegment params = LlamaCpp.llama_context_default_params(arena);
      llama_context_params.n_ctx(params, 256);
      MemorySegment context = LlamaCpp.llama_init_from_model(model, params);
      removeFromASequenceThatDoesNotExist(context);
    }
  }

  private static void removeFromASequenceThatDoesNotExist(MemorySegment context) {
    LlamaCpp.llama_memory_seq_keep(LlamaCpp.llama_get_memory(context), 9999);
  }
}
