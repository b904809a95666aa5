package dev.vignette.captions;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import javax.imageio.ImageReader;

/**
 * Decodes JPEG files to the pixels that Pillow 12 (libjpeg-turbo 3.1) gives. The JDK's libjpeg does
 * the entropy decoding, the inverse transform and the upsampling of chroma, which are the same
 * integer operations; colours are converted here.
 *
 * <p>Application data are taken out before the JDK sees the file: it would refuse some colour
 * profiles, and guess from them how to convert.
 */
final class JpegDecoder {
  private final ImageFile file;
  private final JpegStructure structure;

  JpegDecoder(ImageFile file) {
    this.file = file;
    this.structure = JpegStructure.of(file);
  }

  RgbImage decode() {
    byte[] samples = samples();
    byte[] rgb =
        switch (structure.components().size()) {
          case 1 -> JpegColor.greyToRgb(samples);
          case 3 -> structure.isYcc() ? JpegColor.yccToRgb(samples) : samples;
          default ->
              JpegColor.invertedCmykToRgb(
                  structure.isYcc() ? JpegColor.ycckToCmyk(samples) : samples);
        };
    return file.oriented(
        new RgbImage(structure.width(), structure.height(), rgb), structure.orientation());
  }

  /** The samples of all components, interleaved: (height, width, components). */
  private byte[] samples() {
    ImageReader reader = JdkImageReaders.jpeg();
    try {
      reader.setInput(new ByteArrayImageInput(structure.essential()), true, true);
      Raster raster = reader.readRaster(0, null);
      byte[] samples = ((DataBufferByte) raster.getDataBuffer()).getData();
      JpegChroma.smoothRows(samples, structure);
      return samples;
    } catch (IOException | RuntimeException failure) {
      throw file.damaged(
          "its JPEG data cannot be decoded (%s)".formatted(failure.getMessage()), failure);
    } finally {
      reader.dispose();
    }
  }
}
