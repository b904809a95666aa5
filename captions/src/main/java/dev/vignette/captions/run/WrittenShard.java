package dev.vignette.captions.run;

import dev.vignette.captions.reading.ReadFault;
import dev.vignette.captions.shards.WebDatasetShard;
import dev.vignette.captions.shards.WebDatasetShard.Item;
import dev.vignette.captions.shards.WebDatasetShard.Sample;
import dev.vignette.files.ContentHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A shard that an earlier run wrote, of which the texts stay that a run does not name.
 *
 * @param target where it is
 * @param text the extension of its captions, without a dot
 */
record WrittenShard(Path target, String text) {
  /**
   * Adds what it says of pictures that {@code shard} still has. Where {@code shard} has a text of
   * its own, only a caption stays in its place.
   *
   * @param shard the source, which is about to be written again
   * @param named the samples that the run names
   * @param captions by sample; takes what stays
   * @param made whether a text that differs from the shard's own is a caption
   * @return whether the shard has all those pictures, or lacks some but is not damaged
   */
  boolean keepOthers(
      Path shard, Set<String> named, Predicate<String> made, Map<String, String> captions) {
    Map<String, String> texts = new HashMap<>();
    Map<String, String> pictures = new HashMap<>();
    Set<String> lacking = new HashSet<>();
    forEachSample(
        target,
        sample -> {
          lacking.add(sample.key());
          Optional<byte[]> said = sample.bytes(text);
          if (said.isPresent() && !named.contains(sample.key())) {
            texts.put(sample.key(), new String(said.get(), StandardCharsets.UTF_8));
            pictures.put(sample.key(), pictureHash(sample));
          }
        });
    int faults =
        forEachSample(
            shard,
            sample -> {
              lacking.remove(sample.key());
              String picture = pictures.get(sample.key());
              String said = texts.getOrDefault(sample.key(), "");
              if (picture != null
                  && picture.equals(pictureHash(sample))
                  && (made.test(said) || sample.bytes(text).isEmpty())) {
                captions.put(sample.key(), said);
              }
            });
    return faults == 0 || lacking.isEmpty();
  }

  /**
   * Reads samples one after another, with their pictures and their {@code text}; returns how many
   * faults there are.
   */
  private int forEachSample(Path shard, Consumer<Sample> reading) {
    int faults = 0;
    Predicate<String> wanted = part -> part.equals(text) || ImageFormats.isPicture("." + part);
    try (WebDatasetShard samples =
        WebDatasetShard.open(
            Files.newInputStream(shard), shard.toString(), wanted, WebDatasetShard.MOST_BYTES)) {
      for (Optional<Item> item = samples.next(); item.isPresent(); item = samples.next()) {
        if (item.get() instanceof Sample sample) {
          reading.accept(sample);
        } else {
          faults++;
        }
      }
    } catch (IOException failure) {
      throw ReadFault.unreadable(shard, failure);
    }
    return faults;
  }

  /** The hash of a sample's picture, empty if it has none. */
  private static String pictureHash(Sample sample) {
    return sample.image().flatMap(sample::bytes).map(ContentHash::of).orElse("");
  }
}
