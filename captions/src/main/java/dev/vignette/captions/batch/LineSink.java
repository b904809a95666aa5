package dev.vignette.captions.batch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Prints captions as they come. */
final class LineSink implements CaptionSink<CaptionDetails> {
  private static final Pattern LINE_BREAK = Pattern.compile("\\s*\\R\\s*");

  private final CaptionLines lines;

  LineSink(CaptionLines lines) {
    this.lines = lines;
  }

  @Override
  public Map<String, Reusable> reusable(List<ImageInput> images) {
    return Map.of();
  }

  @Override
  public boolean needsHashes() {
    return false;
  }

  @Override
  public void captioned(Prefetched.Ready<?> image, CaptionDetails details) {
    String line =
        lines.withPaths()
            ? image.image().path() + "\t" + LINE_BREAK.matcher(details.caption()).replaceAll(" ")
            : details.caption();
    lines.out().println(line);
    if (lines.out().checkError()) {
      throw new UncheckedIOException(
          "The captions cannot be printed: the other end is closed or full. Give --output FILE to have them saved.",
          new IOException("the print writer is in error"));
    }
  }

  @Override
  public void reused(Prefetched.Done<?> image) {
    throw new IllegalStateException(
        "Lines remember no captions, but %s is said to have one".formatted(image.image().path()));
  }

  @Override
  public void failed(ImageInput image) {}

  @Override
  public void save() {}

  @Override
  public void finish() {}

  @Override
  public int sidecarsLeft() {
    return 0;
  }

  @Override
  public void close() {}
}
