package dev.vignette.captions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/** The JPEG reader that comes with the JDK, whatever other plug-ins are on the class path. */
final class JdkJpegReader {
  private static final String PROVIDER = "com.sun.imageio.plugins.jpeg.JPEGImageReaderSpi";
  private static final ImageReaderSpi JPEG = find();

  private JdkJpegReader() {}

  /** A new reader, to be disposed of; one thread may use it. */
  static ImageReader create() {
    try {
      return JPEG.createReaderInstance();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static ImageReaderSpi find() {
    Iterator<ImageReaderSpi> found =
        IIORegistry.getDefaultInstance()
            .getServiceProviders(
                ImageReaderSpi.class, spi -> spi.getClass().getName().equals(PROVIDER), true);
    if (!found.hasNext()) {
      throw new IllegalStateException(
          "This Java has no %s. Use a JDK with the module java.desktop, such as Temurin."
              .formatted(PROVIDER));
    }
    return found.next();
  }
}
