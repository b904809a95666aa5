package dev.vignette.spark;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.spark.sql.SparkSession;

/**
 * What a cluster has where: Spark's jars in the folder {@code jars} of {@code SPARK_HOME}, as
 * links; ours are sent by Spark. Class folders are packed first.
 */
final class ClusterJars {
  /** What of the class path a cluster does not have, beside our own modules. */
  private static final List<String> SENT =
      List.of(
          "vignette-",
          "jackson-core-3",
          "jackson-databind-3",
          "snakeyaml-engine-",
          "api-0",
          "pytorch-",
          "tokenizers-");

  private static final String NATIVE = "vignette.native";

  private ClusterJars() {}

  /** Why there can be no cluster here; blank if there can be one. */
  static String missing() {
    return System.getenv("SPARK_HOME") == null || System.getenv("SPARK_SCALA_VERSION") == null
        ? "SPARK_HOME and SPARK_SCALA_VERSION=2.13 in the environment"
        : "";
  }

  static SparkSession.Builder configure(SparkSession.Builder builder) {
    List<String> sent = new ArrayList<>();
    boolean natives = false;
    Path cards;
    try {
      cards = discoveryScript();
      Path jars = Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
      for (String element : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        if (element.isEmpty()) {
          continue; // it would be the folder of the module, with all that Spark writes there
        }
        Path path = Path.of(element).toAbsolutePath();
        String name = path.getFileName().toString();
        natives |= name.startsWith("vignette-native");
        if (Files.isDirectory(path)) {
          sent.add(packed(path).toString());
        } else if (SENT.stream().anyMatch(name::startsWith)) {
          sent.add(path.toString());
          Files.deleteIfExists(jars.resolve(name)); // a link of before
        } else if (Files.exists(path) && Files.notExists(jars.resolve(name))) {
          Files.createSymbolicLink(jars.resolve(name), path);
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    // With the natives' jar they are unpacked by each executor, as on a cluster.
    String properties = natives ? "" : "-D%s=%s ".formatted(NATIVE, System.getProperty(NATIVE));
    return builder
        .config("spark.worker.resource.gpu.amount", 1)
        .config("spark.worker.resource.gpu.discoveryScript", cards.toString())
        .config("spark.executor.resource.gpu.amount", 1)
        .config("spark.task.resource.gpu.amount", 1)
        .config("spark.files", cards.toString())
        .config("spark.jars", String.join(",", sent))
        .config(
            "spark.executor.extraJavaOptions",
            properties + "--enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1");
  }

  /** Says that each machine has one card, number 3; nothing computes on it. */
  private static Path discoveryScript() throws IOException {
    Path script = Files.createTempFile("cards", ".sh");
    script.toFile().deleteOnExit();
    Files.writeString(script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"3\"]}'\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return script;
  }

  private static Path packed(Path folder) throws IOException {
    Path jar = Files.createTempFile("classes", ".jar");
    jar.toFile().deleteOnExit();
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(out);
        Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        packed.putNextEntry(
            new ZipEntry(folder.relativize(file).toString().replace(File.separatorChar, '/')));
        Files.copy(file, packed);
        packed.closeEntry();
      }
    }
    return jar;
  }
}
