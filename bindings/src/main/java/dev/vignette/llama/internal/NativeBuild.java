package dev.vignette.llama.internal;

import dev.vignette.llama.NativeLoadException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder that native/build.sh filled: libmtmd and what it needs, and {@code build.properties}
 * that says what they are.
 *
 * @param folder the folder
 * @param flavor {@code cpu} or {@code cuda}
 * @param version the version of llama.cpp, such as {@code 0.5.0}
 * @param libraryName the file that is loaded, and brings the others
 * @param cpuFeatures instruction sets it was compiled for, in the kernel's names; none in a
 *     portable build
 * @param variants of a portable build, one of which computes; empty for a build for one processor
 * @param remark what its build had to say of itself; empty for nothing
 * @param jar from which its files are unpacked before they are used; null for a folder as it is
 */
record NativeBuild(
    Path folder,
    String flavor,
    String version,
    String libraryName,
    List<String> cpuFeatures,
    List<CpuVariant> variants,
    String remark,
    @Nullable NativeJar jar) {

  static final String DESCRIPTION = "build.properties";

  static boolean isAt(Path folder) {
    return Files.isRegularFile(folder.resolve(DESCRIPTION));
  }

  static NativeBuild read(Path folder) {
    try (Reader reader = Files.newBufferedReader(folder.resolve(DESCRIPTION))) {
      return read(folder, reader);
    } catch (IOException e) {
      throw new NativeLoadException(
          "'%s' is not a native build of Vignette: its %s cannot be read (%s); build it with mvn package"
              .formatted(folder, DESCRIPTION, e),
          e);
    }
  }

  /** The build in {@code folder} that a {@value #DESCRIPTION} describes. */
  static NativeBuild read(Path folder, Reader description) throws IOException {
    Properties properties = new Properties();
    properties.load(description);
    return new NativeBuild(
        folder,
        properties.getProperty("flavor", "cpu"),
        properties.getProperty("version", "unknown"),
        properties.getProperty("library", System.mapLibraryName("mtmd")),
        words(properties.getProperty("cpu.features", "")),
        words(properties.getProperty("variants", "")).stream()
            .map(name -> new CpuVariant(name, words(properties.getProperty("variant." + name, ""))))
            .toList(),
        properties.getProperty("remark", ""),
        null);
  }

  /** The same build, in a jar. */
  NativeBuild in(NativeJar jar) {
    return new NativeBuild(
        folder, flavor, version, libraryName, cpuFeatures, variants, remark, jar);
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.strip().split("\\s+")).filter(word -> !word.isEmpty()).toList();
  }

  Path library() {
    return folder.resolve(libraryName);
  }

  /** Whether it is for any processor, and loads the backends that compute by itself. */
  boolean isPortable() {
    return !variants.isEmpty();
  }

  /**
   * Sees to it that the files are there that are loaded for a variant.
   *
   * @param variant of a portable build; null for all of a build for one processor
   * @param cuda whether CUDA is loaded too
   */
  void unpack(@Nullable CpuVariant variant, boolean cuda) {
    if (jar != null) {
      jar.unpack(
          jar.names().stream()
              .filter(name -> name.startsWith("lib") && name.contains(".so"))
              .filter(name -> cuda || !isPortable() || !name.equals(PortableBackends.CUDA))
              .filter(name ->
                  variant == null
                      || !name.startsWith("libggml-cpu-")
                      || name.equals(variant.fileName()))
              .toList());
    }
  }

  /** Refuses a build that would end the process with an illegal instruction on this machine. */
  void checkProcessor(Processor processor) {
    Set<String> missing = processor.missing(cpuFeatures);
    if (processor.isKnown() && !missing.isEmpty()) {
      throw new NativeLoadException(
          "the native build in '%s' was compiled for a processor with %s, which this one lacks; build it here with mvn package"
              .formatted(folder, String.join(", ", missing)));
    }
  }
}
