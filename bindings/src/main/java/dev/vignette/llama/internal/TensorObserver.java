package dev.vignette.llama.internal;

import dev.vignette.llama.LlamaException;
import dev.vignette.llama.TensorSink;
import dev.vignette.llama.TensorSink.CopiedTensor;
import dev.vignette.llama.TensorSink.TensorFilter;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.ggml_backend_sched_eval_callback;
import dev.vignette.llama.internal.ffi.ggml_tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The evaluation callback of one context: asked before each node, called after those that were
 * wanted.
 *
 * <p>An exception of the sink is kept, ends the computation, and is thrown by {@link #rethrow}:
 * llama.cpp itself reports such a decode as a success.
 */
public final class TensorObserver {

  private @Nullable TensorFilter wanted;
  private @Nullable TensorSink sink;
  private @Nullable Throwable failure;

  /** The native function pointer, valid while the arena is open. */
  public MemorySegment callback(Arena arena) {
    return ggml_backend_sched_eval_callback.allocate(this::onNode, arena);
  }

  /** Starts to observe. */
  public void open(TensorFilter newWanted, TensorSink newSink) {
    if (sink != null) {
      throw new IllegalStateException("a tap is open on this context; close it first");
    }
    wanted = newWanted;
    sink = newSink;
  }

  /** Stops to observe. */
  public void close() {
    wanted = null;
    sink = null;
  }

  private boolean onNode(MemorySegment tensorPointer, boolean ask, MemorySegment userData) {
    TensorFilter filter = wanted;
    TensorSink target = sink;
    if (filter == null || target == null || failure != null) {
      return !ask && failure == null;
    }
    try {
      MemorySegment tensor = tensorPointer.reinterpret(ggml_tensor.sizeof());
      if (ask) {
        return filter.wants(
            name(tensor), NativeHandle.text(LlamaCpp.ggml_op_name(ggml_tensor.op(tensor))));
      }
      target.accept(copy(tensor));
      return true;
    } catch (Throwable e) {
      // Nothing thrown in Java may cross back into native code: it would end the virtual machine.
      failure = e;
      return false;
    }
  }

  private static String name(MemorySegment tensor) {
    return ggml_tensor.name(tensor).getString(0, StandardCharsets.UTF_8);
  }

  private static CopiedTensor copy(MemorySegment tensor) {
    String name = name(tensor);
    if (ggml_tensor.type(tensor) != LlamaCpp.GGML_TYPE_F32()
        || !LlamaCpp.ggml_is_contiguous(tensor)) {
      throw new LlamaException(
          "a tapped tensor is contiguous F32, but '%s' is %s; choose another"
              .formatted(
                  name, NativeHandle.text(LlamaCpp.ggml_type_name(ggml_tensor.type(tensor)))));
    }
    long[] shape = ggml_tensor.ne(tensor).toArray(ValueLayout.JAVA_LONG);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(LlamaCpp.ggml_nbytes(tensor), Float.BYTES);
      LlamaCpp.ggml_backend_tensor_get(tensor, values, 0, values.byteSize());
      return new CopiedTensor(name, shape, values.toArray(ValueLayout.JAVA_FLOAT));
    }
  }

  /** Throws what the sink threw in the last decode, if it did. */
  public void rethrow() {
    Throwable thrown = failure;
    if (thrown == null) {
      return;
    }
    failure = null;
    switch (thrown) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new LlamaException("a tensor sink failed: " + thrown.getMessage(), thrown);
    }
  }
}
