package dev.vignette.captions.shards;

import dev.vignette.captions.reading.ReadFault;
import dev.vignette.captions.shards.WebDatasetShard.Fault;
import dev.vignette.captions.shards.WebDatasetShard.Item;
import dev.vignette.captions.shards.WebDatasetShard.Part;
import dev.vignette.captions.shards.WebDatasetShard.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The pictures of a WebDataset shard in its order, one a sample, found by its headers.
 *
 * @param pictures each where it lies
 * @param faults sentences on what is wrong with the shard
 * @param without how many samples have no picture
 */
public record ShardPictures(List<ShardEntry> pictures, List<String> faults, int without) {
  public ShardPictures {
    pictures = List.copyOf(pictures);
    faults = List.copyOf(faults);
  }

  /** Looks through {@code shard}; one that cannot be read has a fault that says so. */
  public static ShardPictures of(Path shard, ShardBytes bytes) {
    List<ShardEntry> pictures = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    int without = 0;
    try {
      bytes.isListed(shard);
    } catch (IOException _) {
      // Whoever opens it says why.
    }
    try (WebDatasetShard tar = WebDatasetShard.list(shard)) {
      if (tar.isPacked()) {
        bytes.isPacked(shard);
      }
      for (Optional<Item> item = tar.next(); item.isPresent(); item = tar.next()) {
        switch (item.get()) {
          case Fault fault -> faults.add(fault.message());
          case Sample sample when sample.image().isEmpty() -> without++;
          case Sample sample -> {
            Part part = Objects.requireNonNull(sample.parts().get(sample.image().get()));
            add(shard, sample.key(), part, bytes, pictures, faults);
          }
        }
      }
    } catch (IOException failure) {
      faults.add(
          "The shard %s cannot be read: %s. %s"
              .formatted(shard, ReadFault.why(failure), ReadFault.remedy(failure)));
    }
    return new ShardPictures(pictures, faults, without);
  }

  private static void add(
      Path shard,
      String key,
      Part part,
      ShardBytes bytes,
      List<ShardEntry> pictures,
      List<String> faults) {
    if (part.size() > WebDatasetShard.MOST_BYTES) {
      faults.add(
          "%s:%s has %d bytes; images of more than %d are not read from shards. Make a smaller copy."
              .formatted(shard, part.name(), part.size(), WebDatasetShard.MOST_BYTES));
      return;
    }
    int size = (int) part.size();
    bytes.isAt(shard, part.data(), size);
    pictures.add(new ShardEntry(shard, key, part.name(), part.data(), size, bytes));
  }
}
