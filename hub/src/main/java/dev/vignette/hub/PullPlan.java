package dev.vignette.hub;

import java.util.List;

/**
 * What a pull would do.
 *
 * @param files the files wanted, whether they are in the cache or not
 * @param missing those of them that the cache lacks, in the order of downloading
 * @param missingBytes what remains to be downloaded, without what an earlier pull left
 */
public record PullPlan(
    Repository repository, List<RemoteFile> files, List<RemoteFile> missing, long missingBytes) {

  public PullPlan {
    files = List.copyOf(files);
    missing = List.copyOf(missing);
  }

  /** Bytes of all files wanted. */
  public long bytes() {
    return files.stream().mapToLong(RemoteFile::bytes).sum();
  }
}
