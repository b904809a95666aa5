package dev.vignette.llama.abi;

import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.internal.NativeLibrary;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.llama_context_params;
import dev.vignette.llama.internal.ffi.llama_model_params;
import dev.vignette.llama.internal.ffi.mtmd_context_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the loaded libraries are what the bindings take them for: every bound symbol is there,
 * and the structs that llama.cpp fills with its defaults hold those defaults where the bindings
 * look for them. (The tests of this module compare every size, offset and constant with the C
 * compiler; this is what can be seen without one.)
 */
public final class AbiCheck {

  private final List<String> problems = new ArrayList<>();
  private int checks;

  private AbiCheck() {}

  /** What was compared. */
  public record Result(int checks, List<String> problems) {
    public Result {
      problems = List.copyOf(problems);
    }
  }

  /** Runs all checks on the loaded build, loading one for {@code auto} if none is. */
  public static Result run() {
    NativeLibrary.load(new DeviceRequest.Auto());
    AbiCheck check = new AbiCheck();
    check.symbols();
    check.defaults();
    return new Result(check.checks, check.problems);
  }

  private void symbols() {
    for (Method method : LlamaCpp.class.getMethods()) {
      if (method.getName().endsWith("$address")) {
        checks++;
        resolve(method);
      }
    }
  }

  private void resolve(Method address) {
    String name = address.getName().replace("$address", "");
    try {
      address.invoke(null);
    } catch (InvocationTargetException e) {
      problems.add("the function " + name + " is missing: " + e.getCause());
    } catch (IllegalAccessException e) {
      problems.add("the function " + name + " cannot be looked at: " + e);
    }
  }

  /**
   * The values are those of llama.cpp v0.5.0: src/llama-context.cpp, src/llama-model.cpp,
   * tools/mtmd/mtmd.cpp.
   */
  private void defaults() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment context = LlamaCpp.llama_context_default_params(arena);
      expect("llama_context_params.n_ctx", 512, llama_context_params.n_ctx(context));
      expect("llama_context_params.n_batch", 2048, llama_context_params.n_batch(context));
      expect("llama_context_params.n_ubatch", 512, llama_context_params.n_ubatch(context));
      expect("llama_context_params.n_seq_max", 1, llama_context_params.n_seq_max(context));
      expect(
          "llama_context_params.type_k",
          LlamaCpp.GGML_TYPE_F16(),
          llama_context_params.type_k(context));
      expect(
          "llama_context_params.type_v",
          LlamaCpp.GGML_TYPE_F16(),
          llama_context_params.type_v(context));
      expect("llama_context_params.offload_kqv", true, llama_context_params.offload_kqv(context));
      MemorySegment model = LlamaCpp.llama_model_default_params(arena);
      expect("llama_model_params.n_gpu_layers", -1, llama_model_params.n_gpu_layers(model));
      expect("llama_model_params.use_extra_bufts", true, llama_model_params.use_extra_bufts(model));
      MemorySegment vision = LlamaCpp.mtmd_context_params_default(arena);
      expect("mtmd_context_params.use_gpu", true, mtmd_context_params.use_gpu(vision));
      expect("mtmd_context_params.n_threads", 4, mtmd_context_params.n_threads(vision));
      expect("mtmd_context_params.warmup", true, mtmd_context_params.warmup(vision));
    }
  }

  private void expect(String field, Object expected, Object found) {
    checks++;
    if (!expected.equals(found)) {
      problems.add("%s is %s by default, not %s".formatted(field, expected, found));
    }
  }
}
