import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Gathers the licences of a folder of jars: {@code java CollectLicences.java JARS TABLE OUTPUT TEXTS...}.
 *
 * <p>TABLE lists the jars and their texts (cli/licences/jars.txt), TEXTS are the folders to find them in. OUTPUT gets
 * the texts, those out of the jars in a folder a jar, and a list of which belongs to what. A jar that the table does
 * not list, or whose text is not there, ends it with code 1.
 */
final class CollectLicences {
  private static final Pattern TEXT =
      Pattern.compile("META-INF/([^/]*(LICEN[CS]E|NOTICE|AL2\\.0)[^/]*)", Pattern.CASE_INSENSITIVE);

  private CollectLicences() {}

  public static void main(String[] arguments) throws IOException {
    Path output = Path.of(arguments[2]);
    Map<String, List<String>> table = table(Path.of(arguments[1]));
    List<Path> folders = Arrays.stream(arguments).skip(3).map(Path::of).toList();
    Files.createDirectories(output);
    List<String> index = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Path jar : jars(Path.of(arguments[0]))) {
      String file = jar.getFileName().toString();
      String artifact = file.replaceFirst("-\\d.*", "");
      List<String> found = new ArrayList<>();
      List<String> texts = table.getOrDefault(artifact, List.of());
      boolean whole = !texts.isEmpty();
      for (String text : texts) {
        List<String> files = text.equals("jar") ? ofJar(jar, output) : ofFolders(text, folders, output);
        whole &= !files.isEmpty();
        found.addAll(files);
      }
      if (!whole) {
        missing.add(file);
      }
      index.add(file + ": " + String.join(", ", found));
    }
    if (!missing.isEmpty()) {
      System.err.println(
          "vignette: no licence is known of "
              + String.join(", ", missing)
              + ": add the text to cli/licences and a line to its jars.txt");
      System.exit(1);
    }
    Files.write(output.resolve("jars.txt"), index);
  }

  private static Map<String, List<String>> table(Path file) throws IOException {
    Map<String, List<String>> table = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        List<String> words = List.of(line.strip().split("\\s+"));
        table.put(words.getFirst(), words.subList(1, words.size()));
      }
    }
    return table;
  }

  /** All but our own, sorted. */
  private static List<Path> jars(Path folder) throws IOException {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
      for (Path jar : files) {
        if (!jar.getFileName().toString().startsWith("vignette-")) {
          jars.add(jar);
        }
      }
    }
    jars.sort(null);
    return jars;
  }

  private static List<String> ofFolders(String text, List<Path> folders, Path output) throws IOException {
    for (Path folder : folders) {
      if (Files.isRegularFile(folder.resolve(text))) {
        Files.copy(folder.resolve(text), output.resolve(text), StandardCopyOption.REPLACE_EXISTING);
        return List.of(text);
      }
    }
    return List.of();
  }

  private static List<String> ofJar(Path jar, Path output) throws IOException {
    List<String> found = new ArrayList<>();
    String name = jar.getFileName().toString().replaceFirst("\\.jar$", "");
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
        var text = TEXT.matcher(entry.getName());
        if (text.matches() && !entry.isDirectory()) {
          Path file = output.resolve(name).resolve(text.group(1));
          Files.createDirectories(file.getParent());
          try (InputStream in = zip.getInputStream(entry)) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
          }
          found.add(name + "/" + text.group(1));
        }
      }
    }
    return found;
  }
}
