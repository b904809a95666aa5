package app;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.RgbImage;
import dev.vignette.llava.LlavaCaptioner;
import dev.vignette.llava.LlavaOptions;
import java.nio.file.Path;

/** Captions an image: {@code java -jar target/caption-app.jar MODEL.gguf MMPROJ.gguf IMAGE}. */
public final class CaptionApp {
  public static void main(String[] args) {
    var options = LlavaOptions.of(Path.of(args[0]), Path.of(args[1]));
    try (var llava = LlavaCaptioner.open(options)) {
      var image = RgbImage.read(Path.of(args[2]));
      var caption = llava.caption(image, "Write a short caption for this image.", GenerationConfig.greedy());
      System.out.println(caption.text());
    }
  }
}
