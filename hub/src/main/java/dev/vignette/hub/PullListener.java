package dev.vignette.hub;

/** Hears how a pull goes. Methods are called from several threads at once, and should be quick. */
public interface PullListener {
  /** Hears nothing. */
  PullListener SILENT = new PullListener() {};

  /** The download begins. */
  default void started(PullPlan plan) {}

  /** So many bytes more are on the disk. */
  default void received(long bytes) {}

  /** So many bytes that were on the disk, of a file that is begun anew, count no longer. */
  default void discarded(long bytes) {}

  /** All of a file is there, and its hash is computed. */
  default void checking(RemoteFile file) {}

  /** A file is whole, checked and in the cache. */
  default void finished(RemoteFile file) {}

  /** A sentence for a person who waits, such as why a request is made again. */
  default void note(String sentence) {}
}
