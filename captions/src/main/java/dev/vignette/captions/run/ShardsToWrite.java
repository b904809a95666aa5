package dev.vignette.captions.run;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** Knows of which shards all images of a run are settled. */
final class ShardsToWrite {
  private final SequencedMap<Path, List<ImageInput>> images;
  private final Map<Path, Set<String>> open = new HashMap<>();

  ShardsToWrite(List<ImageInput> all) {
    images = ShardExport.byShard(all);
    images.forEach(
        (shard, ofShard) -> {
          Set<String> keys = new HashSet<>();
          ofShard.forEach(image -> keys.add(image.key()));
          open.put(shard, keys);
        });
  }

  /** Notes that {@code image} has its caption or gets none; returns its shard if it was the last. */
  Optional<Path> settled(ImageInput image) {
    Path shard = image.file();
    Set<String> left = open.get(shard);
    if (left == null || !left.remove(image.key()) || !left.isEmpty()) {
      return Optional.empty();
    }
    open.remove(shard);
    return Optional.of(shard);
  }

  /** The images of a shard, in order. */
  List<ImageInput> images(Path shard) {
    return images.getOrDefault(shard, List.of());
  }
}
