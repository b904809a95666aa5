package dev.vignette.captions.run;

import dev.vignette.captions.run.RunResult.Outcome;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The files below a folder, links followed, sorted by path; devices, pipes and sockets apart. Left
 * out are hidden files and folders, and folders that a link leads back to. A folder that cannot be
 * listed is named among the failures.
 */
final class FolderWalk extends SimpleFileVisitor<Path> {
  private final Path root;
  private final Predicate<Path> enters;
  private final List<Path> files = new ArrayList<>();
  private final List<Path> specials = new ArrayList<>();
  private final List<Outcome.Failed> failures = new ArrayList<>();

  private FolderWalk(Path root, Predicate<Path> enters) {
    this.root = root;
    this.enters = enters;
  }

  /**
   * Walks through {@code folder}.
   *
   * @param enters which of the folders below it are looked into
   */
  static FolderWalk through(Path folder, Predicate<Path> enters) {
    FolderWalk walk = new FolderWalk(folder, enters);
    try {
      Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, walk);
    } catch (IOException failure) {
      walk.fail(folder, failure);
    }
    walk.files.sort(Comparator.comparing(Path::toString));
    walk.specials.sort(Comparator.comparing(Path::toString));
    return walk;
  }

  /** Returns the files, each path beginning with the folder as it was given. */
  List<Path> files() {
    return files;
  }

  /** Returns the devices, pipes and sockets among the files. */
  List<Path> specials() {
    return specials;
  }

  /** Returns the folders that could not be listed, as far as they could not. */
  List<Outcome.Failed> failures() {
    return failures;
  }

  private void fail(Path folder, IOException failure) {
    failures.add(
        new Outcome.Failed(
            new ImageInput(folder, folder.toString()),
            "The folder %s cannot be listed (%s). Give permission to read it, or leave it out."
                .formatted(
                    folder, failure instanceof AccessDeniedException ? "no permission" : failure)));
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    return folder.equals(root) || (!isHidden(folder) && enters.test(folder))
        ? FileVisitResult.CONTINUE
        : FileVisitResult.SKIP_SUBTREE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) {
    if (failure != null) {
      fail(folder, failure);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    if (!isHidden(file)) {
      (attributes.isOther() ? specials : files).add(file);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException failure) {
    boolean meant = file.equals(root) || (!isHidden(file) && enters.test(file));
    if (meant && !(failure instanceof FileSystemLoopException)) {
      fail(file, failure);
    }
    return FileVisitResult.CONTINUE;
  }

  private static boolean isHidden(Path path) {
    return String.valueOf(path.getFileName()).startsWith(".");
  }
}
