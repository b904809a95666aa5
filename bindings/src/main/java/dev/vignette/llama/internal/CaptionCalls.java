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
        LlamaCpp.ggml_backend_dev_count$handle(),
        LlamaCpp.ggml_backend_dev_get$handle(),
        LlamaCpp.ggml_backend_dev_type$handle(),
        LlamaCpp.llama_model_load_from_file$handle(),
        LlamaCpp.llama_model_get_vocab$handle(),
        LlamaCpp.llama_tokenize$handle(),
        LlamaCpp.llama_vocab_n_tokens$handle(),
        LlamaCpp.llama_vocab_is_eog$handle(),
        LlamaCpp.llama_model_n_ctx_train$handle(),
        LlamaCpp.llama_model_n_embd_inp$handle(),
        LlamaCpp.mtmd_context_params_default$handle(),
        LlamaCpp.mtmd_init_from_file$handle(),
        LlamaCpp.llama_context_default_params$handle(),
        LlamaCpp.llama_init_from_model$handle(),
        LlamaCpp.llama_n_ctx$handle(),
        LlamaCpp.ggml_backend_dev_memory$handle(),
        LlamaCpp.ggml_backend_dev_name$handle(),
        LlamaCpp.mtmd_bitmap_init$handle(),
        LlamaCpp.mtmd_tokenize$handle(),
        LlamaCpp.mtmd_input_chunks_get$handle(),
        LlamaCpp.mtmd_input_chunk_get_type$handle(),
        LlamaCpp.mtmd_encode_chunk$handle(),
        LlamaCpp.mtmd_input_chunk_get_n_tokens$handle(),
        LlamaCpp.mtmd_get_output_embd$handle(),
        LlamaCpp.llama_memory_seq_rm$handle(),
        LlamaCpp.llama_decode$handle(),
        LlamaCpp.llama_memory_seq_cp$handle(),
        LlamaCpp.llama_get_logits_ith$handle(),
        LlamaCpp.llama_detokenize$handle());
  }
}
