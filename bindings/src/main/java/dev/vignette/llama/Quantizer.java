package dev.vignette.llama;

import dev.vignette.llama.internal.NativeLog;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.llama_model_quantize_params;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a language model's file with smaller weights. */
public final class Quantizer {

  private Quantizer() {}

  /**
   * Quantizes a file; the output appears whole or not at all.
   *
   * @param input a GGUF language model of F32, F16 or BF16 weights
   * @param output another path in an existing folder; replaced if it is there
   * @param threads processor threads, 1 to 512
   * @throws LlamaException if llama.cpp cannot, with what it logged; the output is then as it was
   */
  public static void quantize(Path input, Path output, QuantizationType type, int threads) {
    if (threads < 1 || threads > ContextOptions.MAX_THREADS) {
      throw new IllegalArgumentException("threads are 1 to 512, not " + threads);
    }
    Path folder = output.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "the output's folder must exist, but '%s' does not; make it first".formatted(folder));
    }
    if (output.toAbsolutePath().normalize().equals(input.toAbsolutePath().normalize())) {
      throw new IllegalArgumentException(
          "input and output are the same file '%s'; name another output".formatted(input));
    }
    Path partial = folder.resolve("." + output.getFileName() + ".partial");
    try {
      run(input, partial, type, threads);
      Files.move(
          partial, output, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("'%s' cannot be written: %s".formatted(output, e), e);
    } finally {
      deleteQuietly(partial);
    }
  }

  private static void run(Path input, Path output, QuantizationType type, int threads) {
    NativeLog.forget();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment params = LlamaCpp.llama_model_quantize_default_params(arena);
      llama_model_quantize_params.ftype(params, type.fileType());
      llama_model_quantize_params.nthread(params, threads);
      int code =
          LlamaCpp.llama_model_quantize(
              arena.allocateFrom(input.toString()), arena.allocateFrom(output.toString()), params);
      if (code != 0) {
        throw new LlamaException(
            "llama.cpp could not quantize '%s' to %s; %s"
                .formatted(input, type, NativeLog.recent()));
      }
    }
  }

  private static void deleteQuietly(Path partial) {
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      System.getLogger(Quantizer.class.getName())
          .log(System.Logger.Level.WARNING, "could not delete " + partial, e);
    }
  }
}
