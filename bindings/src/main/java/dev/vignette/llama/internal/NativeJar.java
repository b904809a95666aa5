package dev.vignette.llama.internal;

import dev.vignette.files.AtomicFile;
import dev.vignette.files.ContentHash;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.llama.NativeLoadException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A native build in a jar of the class path, as native/stage-jar.sh lays it out: {@code
 * META-INF/vignette/native/linux-x86_64/cpu}, or {@code cuda}, with the libraries and {@code
 * files.sha256}, a line a file. What is used of it is unpacked into the user's cache, in a folder
 * named by the hash of that list; what lies there is used only while its hash is the list's, and
 * unpacked again otherwise.
 */
final class NativeJar {

  private static final String LIST = "files.sha256";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private final ClassLoader loader;
  private final String root;
  private final Path cache;
  private final Path folder;

  /** Hashes by file name. */
  private final Map<String, String> hashes;

  private NativeJar(
      ClassLoader loader, String root, Path cache, String name, Map<String, String> hashes) {
    this.loader = loader;
    this.root = root;
    this.cache = cache;
    this.folder = cache.resolve(name);
    this.hashes = hashes;
  }

  /**
   * The build of this flavor for this system that {@code loader} knows; empty if there is none.
   *
   * @param flavor {@code cpu} or {@code cuda}
   * @param cache the folder in which {@link #unpack} makes one for it
   */
  static Optional<NativeJar> find(ClassLoader loader, String flavor, Path cache) {
    String root = "META-INF/vignette/native/" + platform() + "/" + flavor + "/";
    try (InputStream in = loader.getResourceAsStream(root + LIST)) {
      if (in == null) {
        return Optional.empty();
      }
      String list = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      String name = ContentHash.ofText(list).substring(0, 32);
      return Optional.of(new NativeJar(loader, root, cache, name, hashes(list)));
    } catch (IOException e) {
      throw new NativeLoadException(
          "%s on the class path cannot be read: %s".formatted(root + LIST, e), e);
    }
  }

  /** Such as {@code linux-x86_64}. */
  private static String platform() {
    String machine = System.getProperty("os.arch");
    return System.getProperty("os.name").equals("Linux")
        ? "linux-" + (machine.equals("amd64") ? "x86_64" : machine)
        : System.getProperty("os.name");
  }

  /** The lines are those of {@code sha256sum}: the hash, two spaces, the name. */
  private static Map<String, String> hashes(String list) {
    Map<String, String> hashes = new TreeMap<>();
    for (String line : list.lines().toList()) {
      String name = line.substring(66);
      if (name.isEmpty() || name.contains("/")) {
        throw new NativeLoadException(
            "%s on the class path names '%s', which is no file of a folder".formatted(LIST, name));
      }
      hashes.put(name, line.substring(0, 64));
    }
    return hashes;
  }

  /**
   * Where builds are unpacked: {@code natives} in {@code $VIGNETTE_CACHE}, {@code
   * $XDG_CACHE_HOME/vignette} or {@code ~/.cache/vignette}, the first that is set.
   *
   * @param environment the process's variables
   * @param home the user's folder
   */
  static Path cache(Map<String, String> environment, Path home) {
    String own = environment.get("VIGNETTE_CACHE");
    if (own != null && !own.isBlank()) {
      return Path.of(own, "natives").toAbsolutePath();
    }
    String caches = environment.get("XDG_CACHE_HOME");
    Path all = caches != null && caches.startsWith("/") ? Path.of(caches) : home.resolve(".cache");
    return all.resolve("vignette").resolve("natives");
  }

  /** What the jar says of the build; its files are there once they are unpacked. */
  NativeBuild build() {
    try (Reader reader =
        new InputStreamReader(resource(NativeBuild.DESCRIPTION), StandardCharsets.UTF_8)) {
      return NativeBuild.read(folder, reader).in(this);
    } catch (IOException e) {
      throw new NativeLoadException(
          "%s on the class path cannot be read: %s".formatted(root + NativeBuild.DESCRIPTION, e),
          e);
    }
  }

  /** The names of its files. */
  Set<String> names() {
    return hashes.keySet();
  }

  private InputStream resource(String name) throws IOException {
    InputStream in = loader.getResourceAsStream(root + name);
    if (in == null) {
      throw new IOException("the jar lacks it");
    }
    return in;
  }

  /**
   * Leaves these files in the build's folder, and no other content under their names. Of two
   * processes at once, one unpacks and the other waits.
   *
   * @throws NativeLoadException if the cache cannot be written, or others can write to it
   */
  void unpack(Collection<String> wanted) {
    try {
      makePrivateFolder();
      if (!areWhole(wanted)) {
        try (ProcessLock _ = ProcessLock.exclusive(folder)) {
          unpackMissing(wanted);
        }
      }
    } catch (IOException | UnwritableFileException e) {
      throw new NativeLoadException(
          "the native libraries of the class path cannot be unpacked into '%s' (%s): name a folder of yours by the environment variable VIGNETTE_CACHE, or unpacked libraries by VIGNETTE_NATIVE"
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  private void makePrivateFolder() throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(cache);
      Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    Set<PosixFilePermission> found = Files.getPosixFilePermissions(folder);
    if (!found.equals(OWNER_ONLY)) {
      Files.setPosixFilePermissions(folder, OWNER_ONLY); // refused where it is another user's
    }
  }

  private boolean areWhole(Collection<String> names) throws IOException {
    for (String name : names) {
      if (!isWhole(name)) {
        return false;
      }
    }
    return true;
  }

  private boolean isWhole(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.isRegularFile(file) && ContentHash.of(file).equals(hashes.get(name));
  }

  private void unpackMissing(Collection<String> names) throws IOException {
    for (String name : names) {
      Path file = folder.resolve(name);
      if (isWhole(name)) {
        continue;
      }
      AtomicFile.deleteAbandoned(file);
      // A new file in the old one's place: a process that has the old one loaded keeps it.
      AtomicFile.write(
          file,
          out -> {
            try (InputStream in = resource(name)) {
              in.transferTo(out);
            }
          });
      if (!isWhole(name)) {
        throw new IOException(
            "the jar's %s is not what its %s says: the jar is damaged".formatted(name, LIST));
      }
    }
  }
}
