package dev.vignette.hub;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;

/**
 * A repository of which the cache holds something.
 *
 * @param folder where it lies
 * @param snapshots the commits of which there are files
 * @param bytes what its content takes, each file counted once
 * @param unfinishedBytes what downloads left that did not end
 */
public record CachedModel(
    RepositoryName name, Path folder, List<Snapshot> snapshots, long bytes, long unfinishedBytes) {

  /**
   * The files of a commit.
   *
   * @param revisions branches and tags that mean it
   */
  public record Snapshot(String commit, SortedSet<String> revisions, int files, Path folder) {}

  public CachedModel {
    snapshots = List.copyOf(snapshots);
  }
}
