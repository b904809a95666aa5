package dev.vignette.hub;

import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

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
}
