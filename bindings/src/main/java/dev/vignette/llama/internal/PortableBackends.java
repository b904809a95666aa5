package dev.vignette.llama.internal;

import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.NativeLoadException;
import dev.vignette.llama.internal.NativeBuild.CpuVariant;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What computes in a portable build, loaded into ggml's registry once libmtmd is there: the kernels
 * of one kind of processor, and CUDA before them where it is wanted and there.
 */
final class PortableBackends {

  static final String CUDA = System.mapLibraryName("ggml-cuda");

  private PortableBackends() {}

  /**
   * Loads the backends that suit the request.
   *
   * @param variant the one to take
   * @param cuda whether to load CUDA before it, where it loads
   * @param reason why this build was chosen
   * @throws NativeLoadException if the variant, or CUDA where it was asked for, does not load
   */
  static NativeLibrary.Loaded load(
      NativeBuild build, CpuVariant variant, boolean cuda, DeviceRequest request, String reason) {
    String why = reason;
    boolean onCuda = false;
    if (cuda) {
      Optional<String> failure = register(build.folder().resolve(CUDA));
      if (failure.isPresent() && request instanceof DeviceRequest.Cuda) {
        throw new NativeLoadException(
            "a CUDA device was asked for, but %s of the build in '%s' does not load: %s"
                .formatted(CUDA, build.folder(), failure.get()));
      }
      onCuda = failure.isEmpty();
      why = failure.map(said -> CUDA + " does not load here: " + said).orElse(reason);
    }
    Path file = build.folder().resolve(variant.fileName());
    register(file)
        .ifPresent(said -> {
          throw new NativeLoadException("'%s' does not load: %s".formatted(file, said));
        });
    return new NativeLibrary.Loaded(
        build.folder(),
        onCuda ? "cuda" : "cpu",
        build.version(),
        why,
        variant.name(),
        variant.instructionSets(),
        build.remark());
  }

  /** Loads a backend's file; returns why it did not, in llama.cpp's words. */
  private static Optional<String> register(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.of("there is no such file");
    }
    NativeLog.forget();
    Level before = NativeLog.setThreshold(Level.OFF); // it is said by us
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment backend =
          LlamaCpp.ggml_backend_load(arena.allocateFrom(file.toAbsolutePath().toString()));
      return backend.equals(MemorySegment.NULL)
          ? Optional.of(NativeLog.recent())
          : Optional.empty();
    } finally {
      NativeLog.setThreshold(before);
    }
  }
}
