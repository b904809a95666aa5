package dev.vignette.captions.shards;

import dev.vignette.captions.reading.JsonCursor;
import dev.vignette.captions.shards.WebDatasetShard.Item;
import dev.vignette.captions.shards.WebDatasetShard.Part;
import dev.vignette.captions.shards.WebDatasetShard.Sample;
import dev.vignette.files.WholeGzip;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;

/**
 * Writes a shard again with captions in it: the same samples in the same order, their files byte
 * for byte, and in each that has a caption a file for it, last or in the place of one of that name.
 * What is damaged, and what belongs to no sample, is left out.
 */
public final class CaptionedShard {
  private static final int BUFFER = 1 << 16;

  private final InputStream from;
  private final OutputStream to;
  private final String extension;

  /** Where the next byte of the unpacked shard is. */
  private long at;

  private CaptionedShard(InputStream from, OutputStream to, String extension) {
    this.from = from;
    this.to = to;
    this.extension = extension;
  }

  /**
   * Writes {@code shard} to {@code out}, packed by gzip if it is itself.
   *
   * @param extension of the files for captions, without a dot, such as {@code txt}
   * @param captions of samples, by their key
   * @throws IOException if the shard cannot be read or {@code out} not written
   */
  public static void write(
      Path shard, OutputStream out, String extension, Function<String, Optional<String>> captions)
      throws IOException {
    try (WebDatasetShard list = WebDatasetShard.list(shard);
        InputStream file = new BufferedInputStream(Files.newInputStream(shard), BUFFER);
        InputStream from = JsonCursor.unpacked(file)) {
      GZIPOutputStream gzip = from instanceof WholeGzip ? new GZIPOutputStream(out, BUFFER) : null;
      CaptionedShard writing = new CaptionedShard(from, gzip == null ? out : gzip, extension);
      for (Optional<Item> item = list.next(); item.isPresent(); item = list.next()) {
        if (item.get() instanceof Sample sample) {
          writing.add(sample, captions.apply(sample.key()));
        }
      }
      writing.to.write(new byte[2 * TarHeader.BLOCK]);
      if (gzip != null) {
        gzip.finish();
      }
    }
  }

  private void add(Sample sample, Optional<String> caption) throws IOException {
    for (Map.Entry<String, Part> part : sample.parts().entrySet()) {
      if (caption.isEmpty() || !part.getKey().equals(extension)) {
        copy(part.getValue());
      }
    }
    if (caption.isPresent()) {
      byte[] text = caption.get().getBytes(StandardCharsets.UTF_8);
      to.write(TarHeader.ofFile(stem(sample) + "." + extension, text.length));
      to.write(text);
      pad(text.length);
    }
  }

  /**
   * What the names of a sample's files begin with: its key, behind {@code ./} where they have it.
   */
  private static String stem(Sample sample) {
    Part first = sample.parts().firstEntry().getValue();
    return first.entry().substring(0, first.entry().length() - first.name().length())
        + sample.key();
  }

  /** Copies a file with its headers, however many they are. */
  private void copy(Part part) throws IOException {
    from.skipNBytes(part.offset() - at);
    at = part.offset();
    byte[] block = new byte[BUFFER];
    long left = part.data() + part.size() - at;
    while (left > 0) {
      int read = from.readNBytes(block, 0, (int) Math.min(block.length, left));
      if (read == 0) {
        throw new EOFException("it has become shorter");
      }
      to.write(block, 0, read);
      at += read;
      left -= read;
    }
    pad(part.size());
  }

  private void pad(long size) throws IOException {
    to.write(new byte[(int) (TarHeader.padded(size) - size)]);
  }
}
