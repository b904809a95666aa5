package dev.vignette.captions.batch;

import java.io.IOException;
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

/**
 * The files below a folder, links followed, sorted by path. Left out are hidden files and folders,
 * devices and pipes, and folders that a link leads back to.
 */
final class FolderWalk extends SimpleFileVisitor<Path> {
  private final Path root;
  private final List<Path> files = new ArrayList<>();

  private FolderWalk(Path root) {
    this.root = root;
  }

  /**
   * All of them, each path beginning with {@code folder} as it was given.
   *
   * @throws UsageException if a folder cannot be listed
   */
  static List<Path> files(Path folder) {
    FolderWalk walk = new FolderWalk(folder);
    try {
      Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, walk);
    } catch (IOException failure) {
      throw new UsageException(
          "The folder %s cannot be listed whole (%s). Give permission to read it, or leave it out."
              .formatted(folder, failure),
          failure);
    }
    walk.files.sort(Comparator.comparing(Path::toString));
    return walk.files;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    return !folder.equals(root) && isHidden(folder)
        ? FileVisitResult.SKIP_SUBTREE
        : FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    boolean danglingLink = attributes.isSymbolicLink();
    if ((attributes.isRegularFile() || danglingLink) && !isHidden(file)) {
      files.add(file);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
    if (failure instanceof FileSystemLoopException || (isHidden(file) && !file.equals(root))) {
      return FileVisitResult.CONTINUE;
    }
    throw failure;
  }

  private static boolean isHidden(Path path) {
    return String.valueOf(path.getFileName()).startsWith(".");
  }
}
