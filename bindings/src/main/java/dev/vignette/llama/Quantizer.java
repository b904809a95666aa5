package dev.vignette.llama;

import dev.vignette.files.AtomicFile;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.llama.internal.NativeLog;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.llama_model_quantize_params;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes a language model's file with smaller weights. */
public final class Quantizer {

  private static final Pattern PART = Pattern.compile("(.*-)\\d{5}(-of-(\\d{5})\\.gguf)");

  private static final Pattern PARTIAL = Pattern.compile("\\.vignette-(\\d{1,18})\\.partial");

  private Quantizer() {}

  /** Deletes the parts of files that killed processes left in a folder. */
  public static void deleteAbandoned(Path folder) {
    AtomicFile.deleteAbandoned(folder, PARTIAL);
  }

  /**
   * Quantizes a file; the output appears whole or not at all. A symbolic link keeps pointing where
   * it points, and what it points at is replaced.
   *
   * @param input a GGUF language model of F32, F16 or BF16 weights, or the first part of a split
   *     one
   * @param output another file than the input and its parts, in an existing folder; replaced if it
   *     is there and a regular file
   * @param threads processor threads, 1 to 512
   * @throws IllegalArgumentException before any work, if the output is not such a file
   * @throws UncheckedIOException if the output cannot be written, as on a full disk; it is then as
   *     it was
   * @throws NativeLoadException if the native libraries do not load
   * @throws LlamaException if llama.cpp cannot, with what it logged; the output is then as it was
   */
  public static void quantize(Path input, Path output, QuantizationType type, int threads) {
    if (threads < 1 || threads > ContextOptions.MAX_THREADS) {
      throw new IllegalArgumentException("threads are 1 to 512, not " + threads);
    }
    Path target = target(input, output);
    LlamaRuntime.load(new DeviceRequest.Cpu());
    deleteAbandoned(target.resolveSibling(""));
    Path partial =
        target.resolveSibling(".vignette-%d.partial".formatted(ProcessHandle.current().pid()));
    partial.toFile().deleteOnExit(); // an interrupt ends the process without a finally
    try {
      String failure = run(input, partial, type, threads);
      if (failure.contains("iostream")) { // C++ says no more of a stream that takes nothing
        throw unwritten(output, target.resolveSibling(""));
      }
      if (!failure.isEmpty()) {
        throw new LlamaException(
            "llama.cpp could not quantize '%s' to %s; %s%s"
                .formatted(input, type, failure, LlamaModel.remedy(failure)));
      }
      Files.move(
          partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UnwritableFileException("'%s' cannot be written: %s".formatted(output, e), e);
    } finally {
      deleteQuietly(partial);
    }
  }

  /** The file that the output's path means, once it is known that nothing else is lost by it. */
  private static Path target(Path input, Path output) {
    if (Files.exists(output) && !Files.isRegularFile(output)) {
      throw new IllegalArgumentException(
          "the output is a regular file, but '%s' is a %s; name another output"
              .formatted(output, Files.isDirectory(output) ? "folder" : "device or pipe"));
    }
    Path folder = output.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "the output's folder must exist, but '%s' does not; make it first".formatted(folder));
    }
    try {
      if (Files.notExists(output)) {
        if (Files.isSymbolicLink(output)) {
          throw new IllegalArgumentException(
              "the output '%s' is a link to '%s', which is not there; name that file, or another"
                  .formatted(output, Files.readSymbolicLink(output)));
        }
        return folder.toRealPath().resolve(output.getFileName());
      }
      for (Path part : partsOf(input)) {
        if (Files.exists(part) && Files.isSameFile(part, output)) {
          throw new IllegalArgumentException(
              "the output '%s' is the same file as the input '%s'; name another output"
                  .formatted(output, part));
        }
      }
      return output.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "'%s' cannot be looked at (%s); check its permissions".formatted(output, e), e);
    }
  }

  /**
   * The input, or all files that llama.cpp reads when it is given the first part of a split one.
   */
  private static List<Path> partsOf(Path input) {
    Matcher name = PART.matcher(String.valueOf(input.getFileName()));
    if (!name.matches()) {
      return List.of(input);
    }
    return IntStream.rangeClosed(1, Integer.parseInt(name.group(3)))
        .mapToObj(
            part -> input.resolveSibling("%s%05d%s".formatted(name.group(1), part, name.group(2))))
        .toList();
  }

  private static UnwritableFileException unwritten(Path output, Path folder) throws IOException {
    String free = OutputFolder.megabytes(Files.getFileStore(folder).getUsableSpace());
    if (!Files.isWritable(folder)) {
      return new UnwritableFileException(
          "'%s' cannot be written (no permission in %s, or a read-only file system): give permission, or name another folder"
              .formatted(output, folder),
          new AccessDeniedException(folder.toString()));
    }
    String message =
        "'%s' cannot be written: writing stopped, with %s free in %s; free some, or name a folder on another disk. Nothing of it is left."
            .formatted(output, free, folder);
    return new UnwritableFileException(message, new IOException(message));
  }

  /** Returns what llama.cpp said where it failed, otherwise nothing. */
  private static String run(Path input, Path output, QuantizationType type, int threads) {
    NativeLog.forget();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment params = LlamaCpp.llama_model_quantize_default_params(arena);
      llama_model_quantize_params.ftype(params, type.fileType());
      llama_model_quantize_params.nthread(params, threads);
      int code =
          LlamaCpp.llama_model_quantize(
              arena.allocateFrom(input.toString()), arena.allocateFrom(output.toString()), params);
      return code == 0 ? "" : NativeLog.recent();
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

  /** The kinds of quantized file that llama.cpp writes without an importance matrix. */
  public enum QuantizationType {
    F32(LlamaCpp.LLAMA_FTYPE_ALL_F32()),
    F16(LlamaCpp.LLAMA_FTYPE_MOSTLY_F16()),
    BF16(LlamaCpp.LLAMA_FTYPE_MOSTLY_BF16()),
    Q8_0(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q8_0()),
    Q6_K(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q6_K()),
    Q5_K_M(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q5_K_M()),
    Q5_K_S(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q5_K_S()),
    Q5_1(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q5_1()),
    Q5_0(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q5_0()),
    Q4_K_M(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q4_K_M()),
    Q4_K_S(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q4_K_S()),
    Q4_1(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q4_1()),
    Q4_0(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q4_0()),
    IQ4_NL(LlamaCpp.LLAMA_FTYPE_MOSTLY_IQ4_NL()),
    IQ4_XS(LlamaCpp.LLAMA_FTYPE_MOSTLY_IQ4_XS()),
    IQ3_M(LlamaCpp.LLAMA_FTYPE_MOSTLY_IQ3_M()),
    IQ3_S(LlamaCpp.LLAMA_FTYPE_MOSTLY_IQ3_S()),
    Q3_K_L(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q3_K_L()),
    Q3_K_M(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q3_K_M()),
    Q3_K_S(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q3_K_S()),
    Q2_K(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q2_K());

    private final int fileType;

    QuantizationType(int fileType) {
      this.fileType = fileType;
    }

    int fileType() {
      return fileType;
    }

    /**
     * About how many bytes a file of this type takes, rather a little more than it does.
     *
     * @param bytes of the file that it is made from
     * @param bits of a weight in that file
     */
    public long bytesFrom(long bytes, int bits) {
      return (long) (bytes * bits() / bits);
    }

    /** By the number in the name, a little more for scales and for larger parts. */
    private double bits() {
      return switch (this) {
        case F32 -> 32;
        case F16, BF16 -> 16;
        default -> name().replaceAll("\\D*(\\d).*", "$1").charAt(0) - '0' + 1.5;
      };
    }

    /**
     * Reads a name as llama.cpp spells it, in any case.
     *
     * @throws IllegalArgumentException if it is none of them, with the list
     */
    public static QuantizationType parse(String name) {
      String upper = name.strip().toUpperCase(Locale.ROOT);
      return Arrays.stream(values())
          .filter(type -> type.name().equals(upper))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "a quantization type is one of %s, not '%s'"
                      .formatted(
                          Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", ")),
                          name)));
    }
  }
}
