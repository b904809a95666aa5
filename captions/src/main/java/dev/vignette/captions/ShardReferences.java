package dev.vignette.captions;

import dev.vignette.captions.reading.JsonCursor;
import dev.vignette.captions.reading.ReadFault;
import dev.vignette.captions.shards.WebDatasetShard;
import dev.vignette.captions.shards.WebDatasetShard.Fault;
import dev.vignette.captions.shards.WebDatasetShard.Item;
import dev.vignette.captions.shards.WebDatasetShard.Part;
import dev.vignette.captions.shards.WebDatasetShard.Sample;
import dev.vignette.files.TextFile;
import dev.vignette.files.faults.MalformedDataException;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * References within a WebDataset shard: each line of a sample's {@code .txt} is one of its picture,
 * or else the {@code caption}, {@code text} or {@code captions} of its {@code .json}, and the
 * sample's key is the id.
 */
final class ShardReferences {
  private static final String TEXT = "txt";
  private static final String JSON = "json";

  /** Of members that are there, the first counts. */
  private static final List<String> CAPTIONS = List.of("caption", "text", "captions");

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
            WebDatasetShard.open(in, file.toString(), List.of(TEXT, JSON)::contains, MOST_BYTES)) {
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
    for (String caption : captions(sample, file)) {
      if (!caption.isBlank()) {
        builder.addCaption(sample.key(), caption.strip());
      }
    }
  }

  private static List<String> captions(Sample sample, Path file) throws IOException {
    String name = "%s:%s.".formatted(file, sample.key());
    Optional<byte[]> text = sample.bytes(TEXT);
    if (text.isPresent()) {
      return TextFile.read(name + TEXT, new ByteArrayInputStream(text.get())).lines().toList();
    }
    return sample
        .bytes(JSON)
        .map(ByteArrayInputStream::new)
        .map(json -> JsonCursor.open(Path.of(name + JSON), json, ShardReferences::captions))
        .orElse(List.of());
  }

  /** What a sample's JSON says, such as img2dataset's; nothing if that is no caption. */
  private static List<String> captions(JsonCursor json) {
    Map<String, List<String>> found = new HashMap<>();
    if (json.atObject()) {
      json.eachMember("a sample", name -> found.put(name, texts(json)));
    }
    return CAPTIONS.stream()
        .map(name -> found.getOrDefault(name, List.of()))
        .filter(texts -> !texts.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  private static List<String> texts(JsonCursor json) {
    List<String> texts = new ArrayList<>();
    if (json.atString()) {
      texts.add(json.string("a caption"));
    } else if (json.atArray()) {
      json.eachElement(
          "captions",
          () -> {
            if (json.atString()) {
              texts.add(json.string("a caption"));
            } else {
              json.skip();
            }
          });
    } else {
      json.skip();
    }
    return texts;
  }
}
