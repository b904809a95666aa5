package dev.vignette.hub;

import dev.vignette.hub.Repository.RepositoryName;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The hub's addresses, and which names of files are safe. */
final class HubPaths {
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
