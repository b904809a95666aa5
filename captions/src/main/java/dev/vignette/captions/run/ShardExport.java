package dev.vignette.captions.run;

import dev.vignette.captions.reading.ReadFault;
import dev.vignette.captions.shards.CaptionedShard;
import dev.vignette.captions.shards.WebDatasetShard;
import dev.vignette.captions.shards.WebDatasetShard.Sample;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.ContentHash;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a run written again with the captions in them, each as soon as its images are
 * settled.
 *
 * @param folder where they go, each under its own name
 * @param extension of the files for captions, with its dot
 */
public record ShardExport(Path folder, String extension) {
  /** The option that asks for it. */
  static final String OPTION = "--webdataset";

  /**
   * How what the journal says of a shard that is being written begins: the stamp of what it
   * replaces follows, then, once it is written beside its place, its hash.
   */
  private static final String BEGUN = "begun";

  /** What the journal says of a place with this behind it: its captions' extension, its shard. */
  private static final String SOURCE = "/source";

  /** Checks that the extension is one. */
  public ShardExport {
    if (extension.length() < 2
        || extension.charAt(0) != '.'
        || extension.indexOf('/') >= 0
        || !extension.equals(extension.toLowerCase(Locale.ROOT))) {
      throw new UsageException(
          "The extension of captions in shards is a dot and small letters, such as .caption, but \"%s\" was given."
              .formatted(extension));
    }
    if (ImageFormats.isPicture(extension)) {
      throw new UsageException(
          "Captions as %s would take the place of the pictures in the shards. Give another --webdataset-extension, such as .caption."
              .formatted(extension));
    }
    if (extension.endsWith(".json")) {
      throw new UsageException(
          "Captions as %s would take the place of what the shards' .json say of their samples, and a caption is no JSON. Give another --webdataset-extension, such as .caption."
              .formatted(extension));
    }
  }

  /** The images of each shard, in order. */
  static SequencedMap<Path, List<ImageInput>> byShard(List<ImageInput> images) {
    SequencedMap<Path, List<ImageInput>> shards = new LinkedHashMap<>();
    for (ImageInput image : images) {
      image
          .entry()
          .ifPresent(
              entry -> shards.computeIfAbsent(entry.shard(), _ -> new ArrayList<>()).add(image));
    }
    return shards;
  }

  /** Where {@code shard} is written again. */
  Path target(Path shard) {
    return folder.resolve(shard.getFileName());
  }

  /**
   * Checks, before any work, that the shards can be written and nothing of another origin is lost.
   *
   * @param known what the journal says of a place, null for nothing
   * @throws UsageException if not
   */
  void require(List<ImageInput> images, boolean overwrite, JournalPlaces known) {
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new UsageException(
          "%s takes a folder that exists and can be written to, but %s is none. Create it, or give another."
              .formatted(OPTION, folder));
    }
    SequencedMap<Path, List<ImageInput>> shards = byShard(images);
    if (shards.isEmpty()) {
      throw new UsageException(
          "%s writes shards again, but none of these images lies within one. Name shards, or leave it out."
              .formatted(OPTION));
    }
    Map<Path, Path> targets = new LinkedHashMap<>();
    for (Path shard : shards.keySet()) {
      Path target = target(shard);
      Path other = targets.putIfAbsent(target, shard);
      if (other != null) {
        throw new UsageException(
            "In %s a shard has its own name, but %s and %s are both %s. Rename one, or caption them one after another into two folders."
                .formatted(folder, other, shard, target.getFileName()));
      }
      requireReplaceable(target, overwrite, known.of(place(target)));
      if (!overwrite && Files.exists(target)) {
        requireSameSource(shard, target, known.of(place(target) + SOURCE));
      }
    }
  }

  /** Whoever writes over a shard of another origin, or with other texts, loses what is there. */
  private void requireSameSource(Path shard, Path target, @Nullable String source) {
    if (source == null) {
      return; // as versions wrote it that told no more
    }
    String[] parts = source.split(" ", 4); // extension, size and time of the shard, the shard
    if (parts.length < 4) {
      return;
    }
    String before = parts[0];
    if (!before.equals(extension)) {
      throw new UsageException(
          "%s has captions as %s, and to write it again as %s would lose those of pictures that this run does not name. Give --webdataset-extension %s, another folder for %s, or --overwrite."
              .formatted(target, before, extension, before, OPTION));
    }
    Path other = Path.of(parts[3]);
    try {
      if (!Files.exists(other) || Files.isSameFile(other, shard)) {
        return;
      }
    } catch (IOException failure) {
      throw ReadFault.unreadable(other, failure);
    }
    throw new UsageException(
        "%s was written from %s, which is another shard of that name than %s. Give another folder for %s, or --overwrite."
            .formatted(target, other, shard, OPTION));
  }

  /** What a journal says of places. */
  @FunctionalInterface
  interface JournalPlaces {
    @Nullable String of(String place);
  }

  private static void requireReplaceable(Path target, boolean overwrite, @Nullable String said) {
    if (!Files.exists(target)) {
      return;
    }
    if (!isOurs(target, said) && !(overwrite && isShard(target))) {
      throw new UsageException(
          "%s is there, and is not what this program wrote there last. Give another folder for %s%s."
              .formatted(
                  target, OPTION, overwrite ? "; only shards are replaced" : ", or --overwrite"));
    }
  }

  /** Whether this program wrote what is there, or may replace it, by what the journal says. */
  private static boolean isOurs(Path target, @Nullable String said) {
    if (said == null) {
      return false;
    }
    if (said.equals(BEGUN)) { // as versions wrote it that told no more
      return isShard(target);
    }
    if (!said.startsWith(BEGUN)) {
      return said.endsWith(stamp(target));
    }
    return said.equals(BEGUN + stamp(target)) || said.endsWith(" " + hash(target));
  }

  private static String hash(Path file) {
    try {
      return ContentHash.of(file);
    } catch (IOException _) {
      return "unreadable";
    }
  }

  private static boolean isShard(Path file) {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (WebDatasetShard shard = WebDatasetShard.list(file)) {
      return shard.next().filter(Sample.class::isInstance).isPresent();
    } catch (IOException _) {
      return false;
    }
  }

  /** What the journal calls a shard that was written. */
  private static String place(Path target) {
    return target.toAbsolutePath().normalize().toString();
  }

  /** Size and time of a file; empty if it is not there. */
  private static String stamp(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return " %d %d"
          .formatted(attributes.size(), attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS));
    } catch (IOException _) {
      return "";
    }
  }

  /**
   * Writes {@code shard} again, whole or not at all, unless what is there says the same already.
   * What this program wrote there of pictures that are not in {@code images} stays, as long as the
   * shard has these very pictures.
   *
   * @param images of the shard
   * @param captions by the key of their image
   * @param overwrite whether a shard that this program did not write may be replaced
   * @param known what the journal says of a place, null for nothing
   * @param note takes what the journal shall say of it
   * @throws java.io.UncheckedIOException if it cannot be read or written, or something else has
   *     come to its place since {@link #require}
   */
  void write(
      Path shard,
      List<ImageInput> images,
      Map<String, String> captions,
      boolean overwrite,
      JournalPlaces known,
      BiConsumer<String, String> note) {
    Path target = target(shard);
    String place = place(target);
    Map<String, String> bySample = new LinkedHashMap<>();
    for (ImageInput image : images) {
      String caption = captions.get(image.key());
      if (caption != null) {
        bySample.put(image.entry().orElseThrow().key(), caption);
      }
    }
    String content = content(shard, bySample);
    String said = known.of(place);
    String there = stamp(target);
    if (!there.isEmpty() && (content + there).equals(said)) {
      return;
    }
    OutputCheck.again(() -> requireReplaceable(target, overwrite, said));
    requireUnchanged(shard, images);
    String source = extension + stamp(shard) + " " + place(shard);
    if (!there.isEmpty()) {
      Set<String> named = new HashSet<>();
      images.forEach(image -> named.add(image.entry().orElseThrow().key()));
      boolean same = source.equals(known.of(place + SOURCE));
      Predicate<String> made = same ? _ -> true : Set.copyOf(captions.values())::contains;
      boolean whole =
          new WrittenShard(target, extension.substring(1)).keepOthers(shard, named, made, bySample);
      if (!whole && !overwrite) {
        throw new UncheckedIOException(
            "%s is damaged and lacks pictures that %s has, which is not written over. Mend it, or give --overwrite."
                .formatted(shard, target),
            new IOException("damaged"));
      }
    }
    if (said != null && said.startsWith(BEGUN)) {
      AtomicFile.deleteAbandoned(target);
    }
    // What may be replaced: what is there now, and what will be once this is written.
    String before = BEGUN + (there.isEmpty() ? " nothing" : there);
    if (!source.equals(known.of(place + SOURCE))) {
      note.accept(place + SOURCE, source);
    }
    note.accept(place, before);
    AtomicFile.write(
        target,
        out -> {
          MessageDigest digest = ContentHash.sha256();
          write(shard, new DigestOutputStream(out, digest), bySample);
          requireUnchanged(shard, images);
          note.accept(place, before + " " + HexFormat.of().formatHex(digest.digest()));
        });
    note.accept(place, content + stamp(target));
  }

  /** The captions are of what was there when the run began. */
  private void requireUnchanged(Path shard, List<ImageInput> images) {
    try {
      if (images.getFirst().entry().orElseThrow().isOfUnchangedShard()) {
        return;
      }
    } catch (IOException failure) {
      throw ReadFault.unreadable(shard, failure);
    }
    throw new UncheckedIOException(
        "%s changed while the run went on, so its pictures may be others than those that were captioned, and %s is not written. Run the same command again."
            .formatted(shard, target(shard)),
        new IOException("changed"));
  }

  private void write(Path shard, OutputStream out, Map<String, String> captions)
      throws IOException {
    WriteFault fault = new WriteFault(out);
    try {
      CaptionedShard.write(
          shard, fault, extension.substring(1), key -> Optional.ofNullable(captions.get(key)));
    } catch (IOException failure) {
      if (fault.failed) {
        throw failure;
      }
      throw ReadFault.unreadable(shard, failure);
    }
  }

  /** Tells a disk that cannot be written from a shard that cannot be read. */
  private static final class WriteFault extends FilterOutputStream {
    private boolean failed;

    WriteFault(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      try {
        out.write(bytes, from, count);
      } catch (IOException failure) {
        failed = true;
        throw failure;
      }
    }
  }

  /** A hash of what a shard that is written says. */
  private String content(Path shard, Map<String, String> captions) {
    StringBuilder text = new StringBuilder(extension).append(stamp(shard)).append('\n');
    captions.forEach((key, caption) ->
        text.append(key.length())
            .append(' ')
            .append(key)
            .append(caption.length())
            .append(' ')
            .append(caption));
    return ContentHash.ofText(text.toString());
  }

  /** Knows of which shards all images of a run are settled. */
  static final class Unwritten {
    private final SequencedMap<Path, List<ImageInput>> images;
    private final Map<Path, Set<String>> open = new HashMap<>();

    Unwritten(List<ImageInput> all) {
      images = byShard(all);
      images.forEach((shard, ofShard) -> {
        Set<String> keys = new HashSet<>();
        ofShard.forEach(image -> keys.add(image.key()));
        open.put(shard, keys);
      });
    }

    /**
     * Notes that {@code image} has its caption or gets none; returns its shard if it was the last.
     */
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
}
