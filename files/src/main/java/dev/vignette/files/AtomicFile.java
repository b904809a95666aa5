package dev.vignette.files;

import dev.vignette.files.faults.UnwritableFileException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Files that appear whole or not at all: the content goes to a temporary file in the same folder,
 * is forced to the disk, and takes the place of the target by one atomic rename. Whoever reads the
 * target, or starts again after a kill, sees the old content or the new, never a part.
 *
 * <p>A symbolic link keeps pointing where it points, and what it points at is replaced. A target
 * that is no regular file (a pipe, {@code /dev/stdout}) is written directly, since nothing can be
 * renamed over it.
 */
public final class AtomicFile {
  private static final Pattern TEMPORARY = Pattern.compile(".*(\\.\\d+-\\d+\\.tmp)");
  private static final AtomicLong SERIAL = new AtomicLong();

  /** Bytes of a file's name in UTF-8 that common file systems take: ext4, XFS, APFS, NTFS. */
  public static final int LONGEST_NAME = 255;

  private static final int MOST_LINKS = 40;

  private AtomicFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes everything to {@code out}, which is buffered and need not be closed, but may be. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes {@code content} to {@code target}, replacing what is there.
   *
   * @throws UnwritableFileException if it cannot be written (no such folder, no permission, a full
   *     disk); the target is then what it was before and the temporary file is gone. What {@code
   *     content} throws itself, unchecked, passes through after the same clean-up.
   */
  public static void write(Path target, Content content) {
    write(target, content, null);
  }

  /**
   * Writes {@code text} in UTF-8 to {@code target} as {@link #write} does, but without waiting for
   * the disk: for thousands of small files that can be made again. A kill of the process leaves the
   * old content or the new all the same, a power failure may leave neither.
   *
   * @param writer what only one process and thread at a time is called. It is part of the temporary
   *     file's name: a killed writing is cleaned up by the writer's next one, and writers of one
   *     target do not mix
   */
  public static void writeStringUnforced(Path target, String text, String writer) {
    String end = ".%08x.vignette.tmp".formatted(writer.hashCode());
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)), end);
  }

  /**
   * Writes as {@link #write(Path, Content)} does.
   *
   * @param unforced how the name of the temporary file ends, null for one to be forced to the disk
   */
  private static void write(Path target, Content content, @Nullable String unforced) {
    try {
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        writeDirectly(target, content);
      } else {
        replace(behindLinks(target), content, unforced);
      }
    } catch (IOException failure) {
      throw new UnwritableFileException(explain(target, failure), failure);
    }
  }

  /**
   * Returns the file that a write to {@code target} replaces: the one that links lead to, also
   * where it is not there yet.
   *
   * @return an absolute path, which is no symbolic link
   * @throws IOException if the links lead in a circle or cannot be read
   */
  public static Path behindLinks(Path target) throws IOException {
    Path place = target.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(place); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemException(target.toString(), null, "its links lead in a circle");
      }
      place = place.resolveSibling(Files.readSymbolicLink(place));
    }
    return place;
  }

  /** Writes {@code text} in UTF-8 to {@code target} as {@link #write} does. */
  public static void writeString(Path target, String text) {
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static void writeDirectly(Path target, Content content) throws IOException {
    if (Files.isDirectory(target)) {
      throw new FileSystemException(target.toString(), null, "it is a folder");
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target))) {
      content.writeTo(out);
    }
  }

  /**
   * Deletes the temporary files of {@code target} that killed processes left; nobody may be writing
   * it.
   *
   * @throws UncheckedIOException if they cannot be listed or deleted
   */
  public static void deleteAbandoned(Path target) {
    try {
      Path place = behindLinks(target);
      try (DirectoryStream<Path> found =
          Files.newDirectoryStream(place.resolveSibling(""), file -> isTemporary(file, place))) {
        for (Path file : found) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException failure) {
      throw new UncheckedIOException(
          "Temporary files of an earlier run beside %s cannot be deleted (%s). Delete them, or choose another place."
              .formatted(target, failure.getMessage()),
          failure instanceof IOException checked ? checked : new IOException(failure));
    }
  }

  /**
   * Deletes the files that killed processes left in a folder, as far as they can be deleted; those
   * of running processes stay.
   *
   * @param names of such files; the first group is the number of the process
   */
  public static void deleteAbandoned(Path folder, Pattern names) {
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(folder, file -> isAbandoned(file, names))) {
      for (Path file : found) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | DirectoryIteratorException failure) {
      System.getLogger(AtomicFile.class.getName())
          .log(System.Logger.Level.DEBUG, "Not all can be deleted in " + folder, failure);
    }
  }

  private static boolean isAbandoned(Path file, Pattern names) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && isOfKilledProcess(file, names);
  }

  /**
   * Whether a name, whose first group is the number of a process, is of one that is not running.
   */
  static boolean isOfKilledProcess(Path file, Pattern names) {
    Matcher name = names.matcher(String.valueOf(file.getFileName()));
    return name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty();
  }

  private static boolean isTemporary(Path file, Path target) {
    Matcher name = TEMPORARY.matcher(file.getFileName().toString());
    return name.matches()
        && file.equals(temporary(file.resolveSibling(target.getFileName()), name.group(1)));
  }

  private static Path temporary(Path target, String end) {
    return target.resolveSibling(FileNames.fitting(".", target.getFileName() + "", end));
  }

  private static void replace(Path target, Content content, @Nullable String unforced)
      throws IOException {
    boolean forced = unforced == null;
    String end =
        unforced == null
            ? ".%d-%d.tmp".formatted(ProcessHandle.current().pid(), SERIAL.incrementAndGet())
            : unforced;
    Path temporary = temporary(target, end);
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              forced ? StandardOpenOption.CREATE_NEW : StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        OutputStream out = new OpenStream(channel);
        content.writeTo(out);
        out.flush();
        if (forced) {
          channel.force(true);
        }
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static String explain(Path target, IOException failure) {
    Path folder = target.toAbsolutePath().getParent();
    if (failure instanceof NoSuchFileException && folder != null && !Files.isDirectory(folder)) {
      return "%s cannot be written: there is no folder %s. Create it, or choose another place."
          .formatted(target, folder);
    }
    return "%s cannot be written (%s). What was there before is unchanged: make room or give permission in %s, or choose another place."
        .formatted(target, UnwritableFileException.reasonOf(failure), folder);
  }

  /** Stays open when the content closes it, since the bytes still have to reach the disk. */
  private static final class OpenStream extends BufferedOutputStream {
    OpenStream(FileChannel channel) {
      super(Channels.newOutputStream(channel), 1 << 16);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  /** Names of files beside others, short enough for a file system. */
  static final class FileNames {
    private FileNames() {}

    /**
     * Joins {@code before + name + after}; where that is longer than 255 bytes in UTF-8, the end of
     * {@code name} becomes a hash of it.
     */
    static String fitting(String before, String name, String after) {
      String whole = before + name + after;
      if (bytes(whole) <= LONGEST_NAME) {
        return whole;
      }
      String hash = "~%08x".formatted(name.hashCode());
      int room = LONGEST_NAME - bytes(before) - bytes(hash) - bytes(after);
      int end = 0;
      int used = 0;
      while (end < name.length()) {
        int letter = name.codePointAt(end);
        used += bytes(Character.toString(letter));
        if (used > room) {
          break;
        }
        end += Character.charCount(letter);
      }
      return before + name.substring(0, end) + hash + after;
    }

    private static int bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8).length;
    }
  }
}
