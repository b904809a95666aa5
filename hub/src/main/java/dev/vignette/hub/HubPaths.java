package dev.vignette.hub;

import dev.vignette.hub.Repository.RepositoryName;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The hub's addresses, and which names of files are safe. */
final class HubPaths {
  private static final Pattern DESCRIPTION = Pattern.compile("api/models/(.+?)/revision/(.+)");
  private static final Pattern FILE = Pattern.compile("(.+?)/resolve/[^/]+/(.+)");

  private HubPaths() {}

  /** The description of a repository at a revision. */
  static URI description(URI endpoint, ModelReference reference) {
    return URI.create(
        "%s/api/models/%s/revision/%s"
            .formatted(endpoint, reference.name(), encoded(reference.revision())));
  }

  /** A file's own address. */
  static URI resolve(URI endpoint, RepositoryName name, String revision, String path) {
    String segments =
        Arrays.stream(path.split("/", -1)).map(HubPaths::encoded).collect(Collectors.joining("/"));
    return URI.create("%s/%s/resolve/%s/%s".formatted(endpoint, name, encoded(revision), segments));
  }

  /** What an address of the hub's names, for a person: {@code owner/name} or a file of it. */
  static String nameOf(URI endpoint, URI uri) {
    String path = uri.getPath().substring(endpoint.getPath().length()).replaceFirst("^/", "");
    Matcher description = DESCRIPTION.matcher(path);
    Matcher file = FILE.matcher(path);
    if (description.matches()) {
      return "%s (%s)".formatted(description.group(1), description.group(2));
    }
    return file.matches() ? "%s of %s".formatted(file.group(2), file.group(1)) : path;
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * The place of a repository's file below a folder.
   *
   * @throws HubException if the name would lead out of the folder, or means another place on some
   *     system
   */
  static Path below(Path folder, String path) throws HubException {
    boolean unsafe =
        path.isEmpty()
            || path.startsWith("/")
            || path.contains("\\")
            || path.matches("(?s)[A-Za-z]:.*")
            || path.chars().anyMatch(c -> c < ' ');
    for (String segment : path.split("/", -1)) {
      unsafe |= segment.isEmpty() || segment.equals(".") || segment.equals("..");
    }
    if (unsafe) {
      throw new HubException(
          HubException.Reason.UNSAFE_NAME,
          "The repository has a file named '%s', which would be written outside of its folder; nothing of it is downloaded. Report the repository to the hub."
              .formatted(path));
    }
    return folder.resolve(path);
  }
}
