package dev.vignette.hub;

import java.util.List;
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
}
