package dev.vignette.captions.run;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Random;
import javax.imageio.ImageIO;

/** Makes small pictures whose pixels follow from a seed. */
public final class Pictures {
  /** Long ago, so that size and time prove a picture unchanged. */
  static final Instant SETTLED = Instant.parse("2024-05-01T10:00:00Z");

  private Pictures() {}

  /** Writes an 8 x 6 PNG, whatever the name of {@code file} says, last changed long ago. */
  public static Path write(Path file, long seed) {
    BufferedImage picture = new BufferedImage(8, 6, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(seed);
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        picture.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      ImageIO.write(picture, "png", file.toFile());
      return Files.setLastModifiedTime(file, FileTime.from(SETTLED));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Writes {@code count} pictures called 000.png, 001.png... into {@code folder}. */
  public static Path writeMany(Path folder, int count) {
    for (int i = 0; i < count; i++) {
      write(folder.resolve("%03d.png".formatted(i)), i);
    }
    return folder;
  }
}
