package dev.vignette.captions.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Where files really are or would be made, whatever links lead there. */
final class RealPlaces {
  private static final int MOST_LINKS = 40;

  private final Map<Path, Path> folders = new HashMap<>();

  /** The name of {@code file} in its real folder; a link that the file itself is stays one. */
  Path entry(Path file) {
    Path whole = file.toAbsolutePath();
    Path folder = whole.getParent();
    Path name = whole.getFileName();
    return folder == null || name == null
        ? whole.normalize()
        : folders.computeIfAbsent(folder, RealPlaces::realFolder).resolve(name).normalize();
  }

  /** Where a write to {@code file} ends up: {@link #entry}, or what it links to. */
  Path target(Path file) {
    Path place = entry(file);
    try {
      for (int links = 0; links < MOST_LINKS && Files.isSymbolicLink(place); links++) {
        place = entry(place.resolveSibling(Files.readSymbolicLink(place)));
      }
    } catch (IOException _) {
      return place; // whoever opens it says why that cannot be done
    }
    return place;
  }

  /** The real path of a folder, of which the last parts may be missing yet. */
  private static Path realFolder(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException _) {
      Path parent = folder.getParent();
      Path name = folder.getFileName();
      return parent == null || name == null ? folder : realFolder(parent).resolve(name).normalize();
    }
  }
}
