package dev.vignette.llama.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.files.ContentHash;
import dev.vignette.llama.NativeLoadException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native builds in jars, unpacked; the libraries here are texts, and none is loaded. */
class NativeJarTest {

  private static final String ROOT = "META-INF/vignette/native/linux-x86_64/cpu/";

  @TempDir private Path folder;

  private Path cache() {
    return folder.resolve("cache/vignette/natives");
  }

  private static Map<String, String> content() {
    Map<String, String> content = new LinkedHashMap<>();
    content.put(
        "build.properties",
        "version=0.5.0\nlibrary=libmtmd.so.0\nvariants=x64 haswell\nvariant.haswell=avx2\n");
    content.put("libmtmd.so.0", "mtmd");
    content.put("libggml-cpu-x64.so", "x64");
    content.put("libggml-cpu-haswell.so", "haswell");
    content.put("libggml-cuda.so", "cuda");
    content.put("llama.cpp.txt", "MIT");
    return content;
  }

  /** A jar as native/stage-jar.sh makes it. */
  private Path jar(Map<String, String> content, String list) throws IOException {
    Path jar = folder.resolve("natives.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, String> file : content.entrySet()) {
        add(zip, file.getKey(), file.getValue());
      }
      add(zip, "files.sha256", list);
    }
    return jar;
  }

  private static void add(ZipOutputStream zip, String name, String text) throws IOException {
    zip.putNextEntry(new ZipEntry(ROOT + name));
    zip.write(text.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }

  private static String list(Map<String, String> content) {
    StringBuilder list = new StringBuilder();
    content.forEach((name, text) -> list.append(ContentHash.ofText(text) + "  " + name + "\n"));
    return list.toString();
  }

  private Path jar() throws IOException {
    return jar(content(), list(content()));
  }

  private static NativeJar find(Path jar, Path cache) throws IOException {
    URLClassLoader loader = new URLClassLoader(new java.net.URL[] {jar.toUri().toURL()}, null);
    return NativeJar.find(loader, "cpu", cache).orElseThrow();
  }

  private static List<String> filesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void onlyWhatIsLoadedIsUnpackedIntoAFolderOfTheOwner() throws Exception {
    NativeBuild build = find(jar(), cache()).build();
    build.unpack(build.variants().getLast(), false);
    assertThat(filesOf(build.folder())).containsExactly("libggml-cpu-haswell.so", "libmtmd.so.0");
    assertThat(build.library()).hasContent("mtmd");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(build.folder())))
        .isEqualTo("rwx------");
  }

  @Test
  void aSecondUseLeavesWhatIsThere() throws Exception {
    NativeBuild build = find(jar(), cache()).build();
    build.unpack(null, true);
    Object first = Files.readAttributes(build.library(), "unix:ino").get("ino");
    find(jar(), cache()).build().unpack(null, true);
    assertThat(Files.readAttributes(build.library(), "unix:ino").get("ino")).isEqualTo(first);
  }

  @Test
  void whatIsNotTheJarsIsReplacedBeforeItIsUsed() throws Exception {
    NativeBuild build = find(jar(), cache()).build();
    build.unpack(null, true);
    Files.writeString(build.library(), "mtm");
    Files.delete(build.folder().resolve("libggml-cuda.so"));
    build.unpack(null, true);
    assertThat(build.library()).hasContent("mtmd");
    assertThat(build.folder().resolve("libggml-cuda.so")).hasContent("cuda");
  }

  @Test
  void aFolderThatOthersMayWriteToIsClosedToThem() throws Exception {
    NativeBuild build = find(jar(), cache()).build();
    Files.createDirectories(build.folder());
    Files.setPosixFilePermissions(build.folder(), PosixFilePermissions.fromString("rwxrwxrwx"));
    build.unpack(null, true);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(build.folder())))
        .isEqualTo("rwx------");
  }

  @Test
  void aDamagedJarIsRefused() throws Exception {
    Map<String, String> damaged = content();
    damaged.put("libmtmd.so.0", "mtmD");
    NativeBuild build = find(jar(damaged, list(content())), cache()).build();
    assertThatThrownBy(() -> build.unpack(null, true))
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining("the jar's libmtmd.so.0 is not what its files.sha256 says");
  }

  @Test
  void anUnwritableCacheIsSaidWithTheRemedy() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    NativeBuild build = find(jar(), file.resolve("natives")).build();
    assertThatThrownBy(() -> build.unpack(null, true))
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining("VIGNETTE_CACHE");
  }

  @Test
  void theCacheIsWhereTheEnvironmentSays() {
    Path home = Path.of("/home/a");
    assertThat(NativeJar.cache(Map.of("VIGNETTE_CACHE", "/v", "XDG_CACHE_HOME", "/x"), home))
        .isEqualTo(Path.of("/v/natives"));
    assertThat(NativeJar.cache(Map.of("XDG_CACHE_HOME", "/x"), home))
        .isEqualTo(Path.of("/x/vignette/natives"));
    assertThat(NativeJar.cache(Map.of("XDG_CACHE_HOME", "relative"), home))
        .isEqualTo(Path.of("/home/a/.cache/vignette/natives"));
  }

  @Test
  void processesAtOnceUnpackOneWhole() throws Exception {
    Map<String, String> content = content();
    content.put("libmtmd.so.0", "mtmd".repeat(1 << 20));
    Path jar = jar(content, list(content));
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(unpackInAProcess(jar));
    }
    for (Process process : processes) {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue())
          .as(new String(process.getErrorStream().readAllBytes()))
          .isZero();
    }
    NativeBuild build = find(jar, cache()).build();
    assertThat(filesOf(build.folder()))
        .containsExactly(
            "libggml-cpu-haswell.so", "libggml-cpu-x64.so", "libggml-cuda.so", "libmtmd.so.0");
    assertThat(ContentHash.of(build.library()))
        .isEqualTo(ContentHash.ofText(content.get("libmtmd.so.0")));
  }

  private Process unpackInAProcess(Path jar) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            Unpacking.class.getName(),
            jar.toString(),
            cache().toString())
        .start();
  }

  /** What each of those processes runs. */
  static final class Unpacking {
    private Unpacking() {}

    public static void main(String[] arguments) throws IOException {
      find(Path.of(arguments[0]), Path.of(arguments[1])).build().unpack(null, true);
    }
  }
}
