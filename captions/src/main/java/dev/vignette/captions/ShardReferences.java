package dev.vignette.captions;

import dev.vignette.captions.WebDatasetShard.Fault;
import dev.vignette.captions.WebDatasetShard.Item;
import dev.vignette.captions.WebDatasetShard.Part;
import dev.vignette.captions.WebDatasetShard.Sample;
import dev.vignette.files.MalformedDataException;
import dev.vignette.files.TextFile;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * References within a WebDataset shard: each line of a sample's {@code .txt} is one of its picture,
 * and the sample's key is the id.
 */
final class ShardReferences {
  private static final String TEXT = "txt";
  private static final int MOST_BYTES = 1 << 20;

  private ShardReferences() {}

  /**
   * Reads them.
   *
   * @throws MalformedDataException if the shard is damaged: references that are missing would
   *     change figures without a word
   */
  static CocoCaptions read(Path file, SplitChoice splits) {
    CocoCaptions.Builder builder = new CocoCaptions.Builder();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
        WebDatasetShard shard =
            WebDatasetShard.open(in, file.toString(), TEXT::equals, MOST_BYTES)) {
      for (Optional<Item> item = shard.next(); item.isPresent(); item = shard.next()) {
        switch (item.get()) {
          case Fault fault -> throw new MalformedDataException(fault.message());
          case Sample sample -> add(sample, file, builder);
        }
      }
    } catch (IOException failure) {
      throw ReadFault.unreadable(file, failure);
    }
    splits.requireFound(file);
    return builder.build();
  }

  private static void add(Sample sample, Path file, CocoCaptions.Builder builder)
      throws IOException {
    Part picture = sample.image().map(sample.parts()::get).orElse(null);
    Optional<String> _ =
        builder.addImage(sample.key(), picture == null ? sample.key() : picture.name());
    Optional<byte[]> bytes = sample.bytes(TEXT);
    if (bytes.isPresent()) {
      String name = "%s:%s.%s".formatted(file, sample.key(), TEXT);
      TextFile.read(name, new ByteArrayInputStream(bytes.get()))
          .lines()
          .filter(line -> !line.isBlank())
          .forEach(line -> builder.addCaption(sample.key(), line.strip()));
    }
  }
}
