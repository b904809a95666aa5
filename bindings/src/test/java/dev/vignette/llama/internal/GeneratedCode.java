package dev.vignette.llama.internal;

import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.ggml_tensor;
import dev.vignette.llama.internal.ffi.llama_batch;
import dev.vignette.llama.internal.ffi.llama_context_params;
import dev.vignette.llama.internal.ffi.llama_model_params;
import dev.vignette.llama.internal.ffi.llama_model_quantize_params;
import dev.vignette.llama.internal.ffi.mtmd_context_params;
import dev.vignette.llama.internal.ffi.mtmd_input_text;
import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.PaddingLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What jextract generated, seen by reflection: structs with their layouts, constants, functions.
 */
final class GeneratedCode {

  private static final List<Class<?>> STRUCTS =
      List.of(
          ggml_tensor.class,
          llama_batch.class,
          llama_context_params.class,
          llama_model_params.class,
          llama_model_quantize_params.class,
          mtmd_context_params.class,
          mtmd_input_text.class);

  private GeneratedCode() {}

  static List<GroupLayout> structs() throws ReflectiveOperationException {
    List<GroupLayout> layouts = new ArrayList<>();
    for (Class<?> struct : STRUCTS) {
      layouts.add((GroupLayout) struct.getMethod("layout").invoke(null));
    }
    return layouts;
  }

  /**
   * Every class with a struct layout in the folder of the generated sources, to compare with {@link
   * #structs}.
   */
  static long structFiles(Path root) throws IOException {
    Path folder = root.resolve("bindings/src/main/java/dev/vignette/llama/internal/ffi");
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(GeneratedCode::definesLayout).count();
    }
  }

  private static boolean definesLayout(Path file) {
    try {
      return Files.readString(file).contains("public static final GroupLayout layout()");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Integer constants by name: the methods without arguments that only return a number. */
  static Map<String, Long> constants() throws ReflectiveOperationException {
    Map<String, Long> constants = new TreeMap<>();
    for (Method method : LlamaCpp.class.getDeclaredMethods()) {
      if (isConstant(method)) {
        constants.put(method.getName(), ((Number) method.invoke(null)).longValue());
      }
    }
    return constants;
  }

  /** Such as {@code LLAMA_FTYPE_MOSTLY_Q4_K_M} and {@code GGML_MAX_DIMS}. */
  private static boolean isConstant(Method method) {
    return Modifier.isPublic(method.getModifiers())
        && method.getParameterCount() == 0
        && method.getReturnType() == int.class
        && method.getName().matches("(GGML|LLAMA|MTMD)_[A-Z].*");
  }

  static List<String> functions() {
    return Stream.of(LlamaCpp.class.getDeclaredMethods())
        .map(Method::getName)
        .filter(name -> name.endsWith("$address"))
        .map(name -> name.replace("$address", ""))
        .sorted()
        .toList();
  }

  /** C statements that compile only if sizes, offsets and constants are the headers'. */
  static List<String> assertions() throws ReflectiveOperationException {
    List<String> lines = new ArrayList<>();
    for (GroupLayout struct : structs()) {
      String name = "struct " + struct.name().orElseThrow();
      lines.add(equal("sizeof(" + name + ")", struct.byteSize()));
      for (MemoryLayout member : struct.memberLayouts()) {
        if (!(member instanceof PaddingLayout)) {
          String field = member.name().orElseThrow();
          long offset = struct.byteOffset(PathElement.groupElement(field));
          lines.add(equal("offsetof(" + name + ", " + field + ")", offset));
          lines.add(equal("sizeof(((" + name + " *)0)->" + field + ")", member.byteSize()));
        }
      }
    }
    constants().forEach((name, value) -> lines.add(equal("(long long)" + name, value)));
    return lines;
  }

  private static String equal(String expression, long value) {
    return "_Static_assert(%s == %d, \"%s\");".formatted(expression, value, expression);
  }
}
