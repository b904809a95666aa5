package dev.vignette.hub;

import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A repository at one commit, as the hub describes it.
 *
 * @param reference what was asked for
 * @param commit 40 hexadecimal digits
 * @param files the paths of all its files, with {@code /} between folders
 * @param license the licence that the model card names
 * @param gated whether access must be asked for
 */
public record Repository(
    ModelReference reference,
    String commit,
    List<String> files,
    Optional<String> license,
    boolean gated) {

  public Repository {
    files = List.copyOf(files);
  }

  /** The repository's name. */
  public RepositoryName name() {
    return reference.name();
  }

  /**
   * A file of a repository, as the hub describes it before it is downloaded.
   *
   * @param path with {@code /} between folders
   * @param bytes size of the content
   * @param hash 64 hexadecimal digits: SHA-256 of the content; 40: git's blob hash
   */
  public record RemoteFile(Repository repository, String path, long bytes, String hash) {

    public RemoteFile {
      Objects.requireNonNull(repository);
      if (bytes < 0) {
        throw new IllegalArgumentException(path + " has a size of " + bytes + " bytes");
      }
    }

    /** Where the hub serves it. */
    URI uri(URI endpoint) {
      return HubPaths.resolve(endpoint, repository.name(), repository.commit(), path);
    }

    @Override
    public String toString() {
      return repository.name() + "/" + path;
    }
  }

  /**
   * The name of a model's repository on the hub, {@code owner/name}, or {@code name} alone as the
   * oldest have it.
   *
   * @param text letters, digits, {@code -}, {@code _} and {@code .} around at most one slash; 96
   *     characters at most
   */
  public record RepositoryName(String text) {
    private static final String PART = "[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?";
    private static final Pattern RULE = Pattern.compile(PART + "(?:/" + PART + ")?");
    private static final int MOST_CHARACTERS = 96;
    private static final String FOLDER_PREFIX = "models--";
    private static final String SEPARATOR = "--";

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException naming the rule
     */
    public RepositoryName {
      if (text.length() > MOST_CHARACTERS
          || !RULE.matcher(text).matches()
          || text.contains(SEPARATOR)
          || text.contains("..")) {
        throw new IllegalArgumentException(
            ("'%s' is no name of a repository: it has the form owner/name with letters, digits, '-',"
                    + " '_' and '.', without '--' and '..', %d characters at most, such as"
                    + " llava-hf/llava-1.5-7b-hf")
                .formatted(text, MOST_CHARACTERS));
      }
    }

    /** The folder of the cache that holds it, {@code models--owner--name}. */
    String folder() {
      return FOLDER_PREFIX + text.replace("/", SEPARATOR);
    }

    /** The name whose folder this is; nothing for any other folder. */
    static Optional<RepositoryName> ofFolder(String folder) {
      if (!folder.startsWith(FOLDER_PREFIX)) {
        return Optional.empty();
      }
      try {
        return Optional.of(
            new RepositoryName(
                folder.substring(FOLDER_PREFIX.length()).replaceFirst(SEPARATOR, "/")));
      } catch (IllegalArgumentException notOurs) {
        return Optional.empty();
      }
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
