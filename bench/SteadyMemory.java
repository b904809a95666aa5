import dev.vignette.images.RgbImage;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.LlavaCaptioner;
import dev.vignette.llava.LlavaOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether memory stays flat: 2,000 captions in one captioner, then 200 captioners opened and closed. Prints the resident set
 * of the process as it goes.
 *
 * <p>bench/steady-memory.sh runs it.
 */
final class SteadyMemory {

  private SteadyMemory() {}

  public static void main(String[] arguments) throws IOException {
    EmbeddedModel model = EmbeddedModel.find();
    LlavaOptions options = LlavaOptions.of(model.languageModel(), model.projector());
    RgbImage image = RgbImage.read(model.testImage());
    GenerationConfig config = GenerationConfig.beams(3);
    try (LlavaCaptioner captioner = LlavaCaptioner.open(options)) {
      for (int i = 1; i <= 2000; i++) {
        captioner.caption(image, EmbeddedModel.DEFAULT_INSTRUCTION, config);
        report("captions", i, 250);
      }
    }
    for (int i = 1; i <= 200; i++) {
      try (LlavaCaptioner captioner = LlavaCaptioner.open(options)) {
        captioner.caption(image, EmbeddedModel.DEFAULT_INSTRUCTION, config);
      }
      report("open and close", i, 25);
    }
  }

  private static void report(String what, int count, int every) throws IOException {
    if (count % every == 0) {
      System.out.printf("%-14s %5d  RSS %.1f MB%n", what, count, residentKilobytes() / 1024.0);
    }
  }

  private static long residentKilobytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
