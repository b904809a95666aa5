package dev.vignette.captions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/** The image readers that come with the JDK, whatever other plug-ins are on the class path. */
final class JdkImageReaders {
  private static final ImageReaderSpi JPEG =
      find("com.sun.imageio.plugins.jpeg.JPEGImageReaderSpi");
  private static final ImageReaderSpi BMP = find("com.sun.imageio.plugins.bmp.BMPImageReaderSpi");

  private JdkImageReaders() {}

  static ImageReader jpeg() {
    return create(JPEG);
  }

  static ImageReader bmp() {
    return create(BMP);
  }

  private static ImageReader create(ImageReaderSpi provider) {
    try {
      return provider.createReaderInstance();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static ImageReaderSpi find(String name) {
    Iterator<ImageReaderSpi> found =
        IIORegistry.getDefaultInstance()
            .getServiceProviders(
                ImageReaderSpi.class, spi -> spi.getClass().getName().equals(name), true);
    if (!found.hasNext()) {
      throw new IllegalStateException(
          "This Java has no %s. Use a JDK with the module java.desktop, such as Temurin."
              .formatted(name));
    }
    return found.next();
  }
}
