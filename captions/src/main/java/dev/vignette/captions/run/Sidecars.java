package dev.vignette.captions.run;

import dev.vignette.captions.run.RunOutput.SidecarText;
import dev.vignette.files.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The text files of the images, beside them or in a folder of their own. A text that this program
 * did not write, such as a caption corrected by hand, is left alone.
 */
final class Sidecars {
  private static final int MOST_BYTES = 1 << 20;

  private final SidecarText text;
  private final String writer;
  private int left;
  private final List<Path> blocked = new ArrayList<>();

  /**
   * The text files that a run writes.
   *
   * @param writer what the run alone is called, among those that may write the same files now
   */
  Sidecars(SidecarText text, String writer) {
    this.text = text;
    this.writer = writer;
  }

  /** What the sidecar of an image with {@code caption} should say. */
  String textOf(String caption) {
    return text.of(caption);
  }

  /**
   * Whether the sidecar of {@code image} says something else than {@code wanted}, or is not there.
   */
  boolean differs(ImageInput image, String wanted) {
    Path file = text.fileOf(image);
    return !isForeign(file) && !wanted.equals(current(file));
  }

  /**
   * Writes the sidecar of {@code image}, whole or not at all. A missing or empty one is written, an
   * existing one replaced if {@code ours} knows its text.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  void write(ImageInput image, String wanted, Predicate<String> ours) {
    Path file = text.fileOf(image);
    if (isForeign(file)) {
      blocked.add(file);
      return;
    }
    String current = current(file);
    if (wanted.equals(current)) {
      return;
    }
    if (current.isEmpty() || ours.test(current)) {
      replace(file, wanted);
    } else {
      left++;
    }
  }

  /** How many sidecars held another's text and were left alone. */
  int left() {
    return left;
  }

  /** Where a sidecar should have been written, but something lies that is none. */
  List<Path> blocked() {
    return blocked;
  }

  /**
   * Whether something lies in the sidecar's place that no caption is: a link, a folder, a pipe or a
   * device, which could lead to anything, a file larger than any caption, or one with bytes of
   * zero, which no text has; or whether no file can have its name. It is not written, not even by
   * an overwriting run.
   */
  private static boolean isForeign(Path file) {
    if (String.valueOf(file.getFileName()).getBytes(StandardCharsets.UTF_8).length
        > AtomicFile.LONGEST_NAME) {
      return true;
    }
    try {
      return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
          && (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
              || Files.size(file) > MOST_BYTES
              || current(file).indexOf(0) >= 0);
    } catch (IOException failure) {
      throw cannotWrite(file, failure);
    }
  }

  /** The text of {@code file}, empty if it is missing. */
  private static String current(Path file) {
    try {
      return Files.exists(file) ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8) : "";
    } catch (IOException failure) {
      throw cannotWrite(file, failure);
    }
  }

  /**
   * Without waiting for the disk: thousands of waits would cost more than the captions of a small
   * model, and what a power failure takes is written again from the journal.
   */
  private void replace(Path file, String caption) {
    try {
      Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
      AtomicFile.writeStringUnforced(file, caption, writer);
    } catch (IOException failure) {
      throw cannotWrite(file, failure);
    } catch (UncheckedIOException failure) {
      throw cannotWrite(file, Objects.requireNonNull(failure.getCause()));
    }
  }

  /**
   * Deletes the sidecar of {@code image} if {@code ours} knows its text.
   *
   * @return whether none is there any more
   * @throws UncheckedIOException if it cannot be deleted
   */
  boolean delete(ImageInput image, Predicate<String> ours) {
    Path file = text.fileOf(image);
    if (isForeign(file)) {
      return false;
    }
    String current = current(file);
    if (!current.isEmpty() && !ours.test(current)) {
      return false;
    }
    try {
      if (!current.isEmpty()) {
        Files.deleteIfExists(file);
      }
      return true;
    } catch (IOException failure) {
      throw cannotWrite(file, failure);
    }
  }

  private static UncheckedIOException cannotWrite(Path file, IOException failure) {
    return new UncheckedIOException(
        "The sidecar %s cannot be written (%s). Make room or give permission, and run the same command again: what is done is kept."
            .formatted(file, failure.getMessage()),
        failure);
  }
}
