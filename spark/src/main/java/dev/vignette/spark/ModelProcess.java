package dev.vignette.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * A process of an executor that holds a model apart from it, so that an image that ends it ends no
 * executor. What it holds stands in its environment; images and captions go through its standard
 * input and output.
 */
public final class ModelProcess {
  private static final String HELD = "VIGNETTE_SPARK_MODEL";
  private static final List<String> SETTINGS = List.of("vignette.", "ai.djl.");

  /** What is closed after workers that have their model in other processes. */
  static final AutoCloseable NOTHING_OPEN = () -> {};

  private record Held(CaptionerSource source, ComputePlace place) implements Serializable {}

  private ModelProcess() {}

  /** Serves the captioner that the environment describes until there are no more images. */
  public static void main(String[] arguments) throws IOException, ClassNotFoundException {
    byte[] held = Base64.getDecoder().decode(Objects.requireNonNull(System.getenv(HELD), HELD));
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(held))) {
      Held model = (Held) in.readObject();
      model.source.serve(model.place, System.in);
    }
  }

  /** What makes such a process hold a captioner. */
  static Map<String, String> environment(CaptionerSource source, ComputePlace place) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new Held(source, place));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return Map.of(HELD, Base64.getEncoder().encodeToString(bytes.toByteArray()));
  }

  /** Starts such a process with the Java, the jars and the settings of this one. */
  static List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"));
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> SETTINGS.stream().anyMatch(name::startsWith))
        .sorted()
        .forEach(name -> command.add("-D%s=%s".formatted(name, System.getProperty(name))));
    command.add("-cp");
    command.add(classPath(ModelProcess.class.getClassLoader()));
    command.add(ModelProcess.class.getName());
    return List.copyOf(command);
  }

  /** What Spark has added for this job, then what the executor was started with. */
  private static String classPath(@Nullable ClassLoader loader) {
    StringJoiner path = new StringJoiner(File.pathSeparator);
    for (ClassLoader at = loader; at != null; at = at.getParent()) {
      if (at instanceof URLClassLoader urls) {
        for (URL url : urls.getURLs()) {
          addFile(url, path);
        }
      }
    }
    return path.add(System.getProperty("java.class.path")).toString();
  }

  private static void addFile(URL url, StringJoiner path) {
    try {
      URI uri = url.toURI();
      if ("file".equals(uri.getScheme())) {
        path.add(Path.of(uri).toString());
      }
    } catch (URISyntaxException _) {
      // A place that no file can be at.
    }
  }
}
