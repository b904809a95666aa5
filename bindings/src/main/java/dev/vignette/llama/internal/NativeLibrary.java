package dev.vignette.llama.internal;

import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.NativeLoadException;
import dev.vignette.llama.internal.NativeBuild.CpuVariant;
import dev.vignette.llama.internal.NativeBuild.Processor;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The native libraries of this process: chosen once, loaded once, checked once. A failure is kept
 * and said again to whoever asks next.
 *
 * <p>Where it looks: the folder named by the environment variable {@code VIGNETTE_NATIVE} (one
 * build), else the one named by the system property {@code vignette.native} (a build, or the folder
 * above {@code cuda} and {@code cpu}), else those in jars of the class path ({@link NativeJar}).
 */
public final class NativeLibrary {

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final List<String> FLAVORS = List.of("cuda", "cpu");

  /**
   * What was loaded, from where, and why that build.
   *
   * @param flavor what it computes on: {@code cpu} or {@code cuda}
   * @param variant the kind of processor whose kernels a portable build loaded, such as {@code
   *     haswell}; empty for a build for one processor
   * @param instructionSets those its kernels were compiled for
   * @param remark what its build had to say of itself; empty for nothing
   */
  public record Loaded(
      Path folder,
      String flavor,
      String version,
      String reason,
      String variant,
      List<String> instructionSets,
      String remark) {}

  private static @Nullable Loaded loaded;
  private static @Nullable NativeLoadException failure;

  private NativeLibrary() {}

  /**
   * Loads the libraries that suit the request, or returns what is already loaded.
   *
   * @throws NativeLoadException if none is there, none loads, or another flavor is loaded already
   */
  public static synchronized Loaded load(DeviceRequest request) {
    if (failure != null) {
      throw failure;
    }
    if (loaded == null) {
      try {
        loaded = choose(request, candidates(request));
        if (loaded.flavor().equals("cuda") && !(request instanceof DeviceRequest.Cpu)) {
          NativeEnvironment.keepLargeBlocks();
        }
      } catch (NativeLoadException | LinkageError | NoSuchElementException e) {
        failure = explain(e);
        throw failure;
      }
    }
    if (request instanceof DeviceRequest.Cuda && !loaded.flavor().equals("cuda")) {
      throw new NativeLoadException(
          "a CUDA device was asked for, but the loaded native build in '%s' is for the CPU; start anew with --device cuda"
              .formatted(loaded.folder()));
    }
    return loaded;
  }

  /** The instruction sets of this processor, in the kernel's names; empty when it does not tell. */
  public static List<String> processorInstructionSets() {
    return Processor.read(CPU_INFO).instructionSets();
  }

  /** What is thrown where a symbol is missing is no exception of ours. */
  private static NativeLoadException explain(Throwable e) {
    return e instanceof NativeLoadException known
        ? known
        : new NativeLoadException(
            "the native libraries are not those that the bindings were made for (%s); build them with mvn package"
                .formatted(e),
            e);
  }

  /** The builds there are, CUDA's first. */
  private static List<NativeBuild> candidates(DeviceRequest request) {
    String override = System.getenv("VIGNETTE_NATIVE");
    if (override != null && !override.isBlank()) {
      return List.of(NativeBuild.read(Path.of(override)));
    }
    String root = System.getProperty("vignette.native");
    return root == null ? onClassPath(request) : below(root);
  }

  private static List<NativeBuild> below(String root) {
    if (NativeBuild.isAt(Path.of(root))) {
      return List.of(NativeBuild.read(Path.of(root)));
    }
    List<NativeBuild> builds = new ArrayList<>();
    for (String flavor : FLAVORS) {
      Path folder = Path.of(root, flavor);
      if (NativeBuild.isAt(folder)) {
        builds.add(NativeBuild.read(folder));
      }
    }
    if (builds.isEmpty()) {
      throw new NativeLoadException(
          "there is no native build in '%s': build it with mvn package".formatted(root));
    }
    return builds;
  }

  /** Those in jars. Who wants the CPU gets CUDA's, which are large, only if there are no others. */
  private static List<NativeBuild> onClassPath(DeviceRequest request) {
    Path cache = NativeJar.cache(System.getenv(), Path.of(System.getProperty("user.home")));
    ClassLoader loader = Objects.requireNonNull(NativeLibrary.class.getClassLoader());
    List<NativeBuild> builds = new ArrayList<>();
    for (String flavor : FLAVORS) {
      NativeJar.find(loader, flavor, cache).ifPresent(jar -> builds.add(jar.build()));
    }
    if (builds.isEmpty()) {
      throw new NativeLoadException(
          "no native build was found: add dev.vignette:vignette-native with the classifier linux-x86_64 to the class path,"
              + " or name a folder that native/build.sh filled by the environment variable VIGNETTE_NATIVE or the system property vignette.native");
    }
    return request instanceof DeviceRequest.Cpu ? List.of(builds.getLast()) : builds;
  }

  private static Loaded choose(DeviceRequest request, List<NativeBuild> builds) {
    // Not a switch: its first use costs milliseconds that a start-up cache does not save.
    if (request instanceof DeviceRequest.Cpu) {
      return loadCpu(builds);
    }
    return request instanceof DeviceRequest.Cuda
        ? open(Selection.of(only(builds, "cuda"), request), "CUDA was asked for")
        : loadBest(request, builds);
  }

  /** The CPU build, or the CUDA build when it is the only one: it computes on the processor too. */
  private static Loaded loadCpu(List<NativeBuild> builds) {
    NativeBuild last = builds.getLast();
    return open(
        Selection.of(last, new DeviceRequest.Cpu()),
        last.flavor().equals("cpu") ? "the CPU was asked for" : "the only build there is");
  }

  private static Loaded loadBest(DeviceRequest request, List<NativeBuild> builds) {
    if (builds.size() == 1) {
      return open(Selection.of(builds.getFirst(), request), "the only build there is");
    }
    Selection first;
    try {
      first = Selection.of(builds.getFirst(), request);
      loadLibrary(first);
    } catch (NativeLoadException e) {
      return open(
          Selection.of(builds.getLast(), request),
          "the CUDA build does not load here: " + e.getMessage());
    }
    return start(first, "the CUDA build loads on this machine");
  }

  private static NativeBuild only(List<NativeBuild> builds, String flavor) {
    return builds.stream()
        .filter(build -> build.flavor().equals(flavor))
        .findFirst()
        .orElseThrow(() ->
            new NativeLoadException(
                "a CUDA device was asked for, but there is no CUDA build in '%s'; make one with mvn package -Dcuda"
                    .formatted(builds.getFirst().folder().getParent())));
  }

  /**
   * What is loaded of a build.
   *
   * @param variant of a portable build; null for a build for one processor
   * @param cuda whether CUDA's file of a portable build is loaded too
   */
  private record Selection(
      NativeBuild build, @Nullable CpuVariant variant, boolean cuda, DeviceRequest request) {

    static Selection of(NativeBuild build, DeviceRequest request) {
      String forced = System.getenv(CpuVariant.FORCED);
      Processor processor = Processor.read(CPU_INFO);
      build.checkProcessor(processor);
      if (build.isPortable()) {
        boolean cuda = build.flavor().equals("cuda") && !(request instanceof DeviceRequest.Cpu);
        CpuVariant variant = CpuVariant.choose(build.variants(), processor, forced);
        return new Selection(build, variant, cuda, request);
      }
      if (forced != null && !forced.isBlank()) {
        throw new NativeLoadException(
            "%s is '%s', but the native build in '%s' was compiled for one processor and has no variants: unset it, or build with mvn package -Dportable"
                .formatted(CpuVariant.FORCED, forced.strip(), build.folder()));
      }
      return new Selection(build, null, false, request);
    }
  }

  private static Loaded open(Selection selection, String reason) {
    loadLibrary(selection);
    return start(selection, reason);
  }

  // The library stays loaded for the life of the process: System.load has no other way, and none is
  // wanted.
  @SuppressWarnings("restricted")
  private static void loadLibrary(Selection selection) {
    NativeBuild build = selection.build();
    build.unpack(selection.variant(), selection.cuda());
    NativeEnvironment.forbidDebugger();
    NativeEnvironment.waitAsleep();
    try {
      System.load(build.library().toAbsolutePath().toString());
    } catch (UnsatisfiedLinkError e) {
      throw new NativeLoadException(
          "the %s build in '%s' does not load: %s"
              .formatted(build.flavor(), build.folder(), e.getMessage()),
          e);
    }
  }

  private static Loaded start(Selection selection, String reason) {
    NativeBuild build = selection.build();
    CpuVariant variant = selection.variant();
    checkVersion(build);
    NativeCallbacks.install();
    Loaded found =
        variant == null
            ? new Loaded(
                build.folder(),
                build.flavor(),
                build.version(),
                reason,
                "",
                build.cpuFeatures(),
                build.remark())
            : PortableBackends.load(build, variant, selection.cuda(), selection.request(), reason);
    LlamaCpp.llama_backend_init();
    return found;
  }

  private static void checkVersion(NativeBuild build) {
    String pinned = pinnedVersion();
    String found = NativeHandle.text(LlamaCpp.llama_version());
    if (!found.equals(pinned)) {
      throw new NativeLoadException(
          "the native build in '%s' is llama.cpp %s, but these bindings are made for %s; build it with mvn package"
              .formatted(build.folder(), found, pinned));
    }
  }

  /**
   * The version that native/llama.properties pins; the build copies that file beside this class.
   */
  public static String pinnedVersion() {
    Properties properties = new Properties();
    try (InputStream in =
        NativeLibrary.class.getResourceAsStream("/dev/vignette/llama/llama.properties")) {
      if (in == null) {
        throw new NativeLoadException(
            "the bindings' jar lacks llama.properties; build it with mvn package");
      }
      properties.load(in);
    } catch (IOException e) {
      throw new NativeLoadException(
          "llama.properties in the bindings' jar cannot be read: " + e, e);
    }
    return properties.getProperty("version");
  }

  /**
   * What native code finds in this process: environment variables, set before the libraries are
   * loaded, which read them then, unless the user has set them; and how its heap behaves.
   */
  static final class NativeEnvironment {

    /** Rounds of waiting, some 50 µs, after which an OpenMP thread sleeps until the others come. */
    private static final String BRIEF_SPIN = "1000";

    // Of malloc.h.
    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_MMAP_MAX = -4;

    private NativeEnvironment() {}

    /**
     * Keeps ggml from starting a debugger on this process when it aborts; the abort hook says what
     * is known.
     */
    static void forbidDebugger() {
      setUnlessSet("GGML_NO_BACKTRACE", "1");
    }

    /**
     * Lets threads that wait at a barrier sleep soon. GCC's OpenMP lets them spin for 300,000
     * rounds, more than a time slice: where another process holds a processor, its thread waits for
     * the very processor that the spinning one burns (docs/benchmarks.md, "On a busy machine").
     */
    static void waitAsleep() {
      if (System.getenv("OMP_WAIT_POLICY") == null) {
        setUnlessSet("GOMP_SPINCOUNT", BRIEF_SPIN);
      }
    }

    private static void setUnlessSet(String name, String value) {
      MemorySegment setenv =
          System.getenv(name) == null ? libraryFunction("setenv") : MemorySegment.NULL;
      if (setenv.equals(MemorySegment.NULL)) {
        return;
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment key = arena.allocateFrom(name);
        MemorySegment text = arena.allocateFrom(value);
        WordCall.call(
            setenv,
            key.address(),
            text.address(),
            0,
            0,
            0,
            0,
            0,
            0,
            key,
            text,
            MemorySegment.NULL,
            MemorySegment.NULL);
      }
    }

    /**
     * Keeps large blocks that native code gives back in the process, for the next of their size.
     * llama.cpp copies the rows of many images (33 MB a micro-batch of 2048) into blocks that are
     * new each time, and zeroing their pages took 6% of an H200's time (docs/benchmarks.md).
     *
     * @return whether this process's heap can be told so: glibc's can
     */
    static boolean keepLargeBlocks() {
      MemorySegment mallopt = libraryFunction("mallopt");
      return !mallopt.equals(MemorySegment.NULL)
          && call(mallopt, M_MMAP_MAX, 0) == 1
          && call(mallopt, M_TRIM_THRESHOLD, Integer.MAX_VALUE) == 1;
    }

    private static int call(MemorySegment function, int first, int second) {
      return (int)
          WordCall.call(
              function,
              first,
              second,
              0,
              0,
              0,
              0,
              0,
              0,
              MemorySegment.NULL,
              MemorySegment.NULL,
              MemorySegment.NULL,
              MemorySegment.NULL);
    }

    /** A function of the C library, or null's segment where there is none of that name. */
    private static MemorySegment libraryFunction(String name) {
      return Linker.nativeLinker().defaultLookup().find(name).orElse(MemorySegment.NULL);
    }
  }
}
