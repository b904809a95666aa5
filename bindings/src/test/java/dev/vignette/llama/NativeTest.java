package dev.vignette.llama;

import dev.vignette.llama.LlamaModel.ModelOptions;
import java.nio.file.Path;

/** The miniature model in the repository, for tests that need the native libraries. */
final class NativeTest {

  static final Path MODELS = Path.of(System.getProperty("vignette.root"), "models", "mini");
  static final Path LANGUAGE_MODEL = MODELS.resolve("mini-llava-Q8_0.gguf");
  static final Path PROJECTOR = MODELS.resolve("mini-llava-mmproj-f16.gguf");
  static final int IMAGE_SIZE = 112;

  private NativeTest() {}

  static LlamaModel model() {
    return LlamaModel.load(
        LANGUAGE_MODEL, ModelOptions.defaults().withDevice(new DeviceRequest.Cpu()));
  }

  static ContextOptions context() {
    return ContextOptions.ofLength(256).withThreads(2).withMaxSequences(4);
  }
}
