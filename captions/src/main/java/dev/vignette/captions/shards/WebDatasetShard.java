package dev.vignette.captions.shards;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A tar of samples as WebDataset has them, read from its beginning to its end without being
 * unpacked: files beside each other that are called alike up to the first dot are one sample. It
 * may be packed by gzip. Used by one thread at a time.
 *
 * <p>A shard that is damaged or cut short gives what is whole in it, and a {@link Fault} for each
 * thing that is not.
 */
public final class WebDatasetShard implements AutoCloseable {
  /** The largest file that is read where nothing else is said: 256 MiB. */
  public static final int MOST_BYTES = 1 << 28;

  /** Bytes read at once, where files are read and where they are passed over. */
  private static final int BUFFER = 1 << 16;

  private static final int HEADER_BUFFER = 1 << 12;

  private static final Set<String> IMAGES =
      Set.of("jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp");

  private final TarReader tar;
  private final String name;
  private final Predicate<String> wanted;
  private final int mostBytes;
  private final Set<String> keys = new HashSet<>();
  private final Deque<Item> ready = new ArrayDeque<>();
  private final Deque<Item> behind = new ArrayDeque<>();
  private @Nullable Sample sample;

  /** Whether the last entry belongs to the sample in hand. */
  private boolean lastIsOfSample;

  private boolean ended;

  private WebDatasetShard(TarReader tar, String name, Predicate<String> wanted, int mostBytes) {
    this.tar = tar;
    this.name = name;
    this.wanted = wanted;
    this.mostBytes = mostBytes;
  }

  /**
   * Opens a shard at its beginning.
   *
   * @throws IOException if it cannot be read
   */
  public static WebDatasetShard open(Path shard) throws IOException {
    return open(Files.newInputStream(shard), shard.toString());
  }

  /**
   * Opens a shard that comes from anywhere.
   *
   * @param in closed with the shard
   * @param name what faults call it
   * @throws IOException if it cannot be read
   */
  public static WebDatasetShard open(InputStream in, String name) throws IOException {
    return open(in, name, _ -> true, MOST_BYTES);
  }

  /**
   * The same, of whose files only some are read.
   *
   * @param wanted which, by their extension; the others are passed over, and have a place but no
   *     bytes
   * @param mostBytes of a file that is read; a larger one is a {@link Fault}
   * @throws IOException if it cannot be read
   */
  public static WebDatasetShard open(
      InputStream in, String name, Predicate<String> wanted, int mostBytes) throws IOException {
    return new WebDatasetShard(new TarReader(in, name, BUFFER), name, wanted, mostBytes);
  }

  /**
   * Opens a shard to see what is where in it: of no file the bytes are read.
   *
   * @throws IOException if it cannot be read
   */
  public static WebDatasetShard list(Path shard) throws IOException {
    return new WebDatasetShard(
        new TarReader(Files.newInputStream(shard), shard.toString(), HEADER_BUFFER),
        shard.toString(),
        _ -> false,
        MOST_BYTES);
  }

  /** Whether the shard is packed by gzip, whatever it is called. */
  public boolean isPacked() {
    return tar.isPacked();
  }

  /** A sample, or what is wrong. */
  public sealed interface Item {
    /** Returns where it begins, in bytes of the unpacked shard. */
    long offset();
  }

  /**
   * What is wrong, at its place among the samples.
   *
   * @param message a whole sentence with the shard's name, and the entry's where there is one
   */
  public record Fault(long offset, String message) implements Item {}

  /**
   * A sample.
   *
   * @param offset of its first header
   * @param key the name of its files up to the first dot, with their folder: {@code val/00012}
   * @param parts its files by what follows that dot, in lower case: {@code jpg}, {@code seg.png}
   */
  public record Sample(long offset, String key, SequencedMap<String, Part> parts) implements Item {
    /** Copies the parts. */
    public Sample {
      parts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(parts));
    }

    /**
     * Returns the extension of the picture: of the first file that has an image's, or else of the
     * first whose extension ends in one, such as {@code seg.png}.
     */
    public Optional<String> image() {
      return parts.keySet().stream()
          .filter(IMAGES::contains)
          .findFirst()
          .or(() ->
              parts.keySet().stream()
                  .filter(part -> IMAGES.contains(part.substring(part.lastIndexOf('.') + 1)))
                  .findFirst());
    }

    /** Returns the bytes of a part that was read. */
    public Optional<byte[]> bytes(String extension) {
      Part part = parts.get(extension);
      return part == null ? Optional.empty() : part.bytes();
    }
  }

  /**
   * A file of a sample.
   *
   * @param entry its name as the tar has it
   * @param name the same without {@code ./} in front
   * @param offset of its first header
   * @param data where its bytes begin in the unpacked shard
   * @param size how many they are
   * @param bytes they themselves, which nobody changes; empty if they were not wanted
   */
  public record Part(
      String entry, String name, long offset, long data, long size, Optional<byte[]> bytes) {}

  /**
   * Reads the next sample or fault; empty at the end.
   *
   * @throws IOException if the shard cannot be read, though nothing is wrong with its content
   */
  public Optional<Item> next() throws IOException {
    while (ready.isEmpty() && !ended) {
      switch (tar.next()) {
        case null -> end();
        case TarReader.Entry entry -> {
          lastIsOfSample = false;
          add(entry);
        }
        case TarReader.Damage damage -> {
          if (damage.cutsEntry()) {
            dropCut(damage);
          } else {
            fault(damage.offset(), damage.message());
          }
        }
      }
    }
    return Optional.ofNullable(ready.poll());
  }

  private void end() {
    finishSample();
    ended = true;
  }

  /** The sample that a cut goes through is not whole. */
  private void dropCut(TarReader.Damage damage) {
    String leftOut = "";
    if (sample != null && lastIsOfSample) {
      leftOut = " The sample %s is left out.".formatted(sample.key);
      sample = null;
    }
    fault(damage.offset(), damage.message() + leftOut);
    end();
  }

  private void fault(long offset, String message) {
    (sample == null ? ready : behind).add(new Fault(offset, message));
  }

  private void finishSample() {
    if (sample != null) {
      ready.add(sample);
      sample = null;
    }
    ready.addAll(behind);
    behind.clear();
  }

  private void add(TarReader.Entry entry) throws IOException {
    String path = entry.name();
    if (path.startsWith("/") || Arrays.asList(path.split("/", -1)).contains("..")) {
      fault(
          entry.offset(),
          "%s, byte %d: the name of an entry stays within the shard, but is %s. Write it again with relative names."
              .formatted(name, entry.offset(), path));
      return;
    }
    String plain = path.startsWith("./") ? path.substring(2) : path;
    int dot = plain.indexOf('.', plain.lastIndexOf('/') + 1);
    if (dot <= plain.lastIndexOf('/') + 1) {
      return; // WebDataset passes over what has no extension or begins with a dot
    }
    String key = plain.substring(0, dot);
    String extension = plain.substring(dot + 1).toLowerCase(Locale.ROOT);
    Sample open = sample;
    if (open == null || !open.key.equals(key)) {
      finishSample();
      if (!keys.add(key)) {
        fault(
            entry.offset(),
            "%s, byte %d: the files of a sample lie beside each other, but %s comes apart from the others of %s. It is left out; write the shard again in the order of the keys."
                .formatted(name, entry.offset(), path, key));
        return;
      }
      open = new Sample(entry.offset(), key, new LinkedHashMap<>());
    }
    part(open, entry, plain, extension);
  }

  private void part(Sample open, TarReader.Entry entry, String path, String extension)
      throws IOException {
    sample = open;
    lastIsOfSample = true;
    if (open.parts.containsKey(extension)) {
      fault(
          entry.offset(),
          "%s, byte %d: the sample has one file of a name, but %s is there twice. The first one counts."
              .formatted(name, entry.offset(), entry.name()));
      return;
    }
    boolean read = wanted.test(extension);
    if (read && entry.size() > mostBytes) {
      fault(
          entry.offset(),
          "%s, byte %d: %s has %d bytes; files of more than %d are not read. It is left out."
              .formatted(name, entry.offset(), entry.name(), entry.size(), mostBytes));
      return;
    }
    Optional<byte[]> bytes = read ? tar.content(entry) : Optional.empty();
    SequencedMap<String, Part> parts = new LinkedHashMap<>(open.parts);
    parts.put(
        extension, new Part(entry.name(), path, entry.offset(), entry.data(), entry.size(), bytes));
    sample = new Sample(open.offset, open.key, parts);
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
