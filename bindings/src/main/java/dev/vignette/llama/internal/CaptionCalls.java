package dev.vignette.llama.internal;

import dev.vignette.llama.internal.ffi.LlamaCpp;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * The native calls that a caption makes. Linking one for the first time takes a millisecond, and
 * all of them more than computing a caption of a small model, so it is done ahead where another
 * processor has the time.
 */
public final class CaptionCalls {

  private CaptionCalls() {}

  /** Links them, in the order in which they are needed; the libraries are loaded. */
  public static List<MethodHandle> link() {
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
}
