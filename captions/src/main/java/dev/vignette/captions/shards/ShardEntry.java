package dev.vignette.captions.shards;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A picture within a WebDataset shard, which is read where it lies.
 *
 * @param shard the tar, packed by gzip or not
 * @param key of its sample
 * @param name of the picture in the shard, with its folder
 * @param data where its bytes begin in the unpacked shard
 * @param size how many they are
 * @param bytes reads them
 */
public record ShardEntry(
    Path shard, String key, String name, long data, int size, ShardBytes bytes) {
  /**
   * Reads the picture's bytes.
   *
   * @throws IOException if the shard cannot be read, or changed since it was looked through
   */
  public byte[] read() throws IOException {
    return bytes.read(shard, data, size);
  }

  /**
   * Whether its shard is still the file that was looked through, as it was then.
   *
   * @throws IOException if it cannot be looked at
   */
  public boolean isOfUnchangedShard() throws IOException {
    return bytes.isUnchanged(shard);
  }

  /** The shard and the picture in it, for messages and journals: {@code a/0.tar:00012.jpg}. */
  public Path path() {
    return shard.resolveSibling(shard.getFileName() + ":" + name);
  }

  @Override
  public String toString() {
    return path().toString();
  }
}
