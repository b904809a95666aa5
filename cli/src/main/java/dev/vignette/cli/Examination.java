package dev.vignette.cli;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaException;
import dev.vignette.llama.LlamaModel.ModelOptions;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llama.abi.AbiCheck;
import dev.vignette.llava.Caption;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.LlavaCaptioner;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.torch.Torch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The checks of {@code vignette doctor}: each says what it found, and none throws. */
final class Examination {

  private static final int NEEDED_JAVA = 25;

  /** What the embedded model says of its own test image, with transformers and with Vignette. */
  private static final String EXPECTED_CAPTION = "A truck parked at night.";

  /** What NVIDIA's driver makes where there is a card. */
  private static final Path NVIDIA_CARD = Path.of("/dev/nvidiactl");

  private Examination() {}

  static Finding java() {
    int version = Runtime.version().feature();
    String text = "Java " + Runtime.version() + " in " + System.getProperty("java.home");
    return version >= NEEDED_JAVA
        ? Finding.ok("java", text)
        : Finding.failed("java", text + "; install a JDK of version 25 or later");
  }

  static Finding nativeBuild() {
    try {
      LlamaRuntime runtime = LlamaRuntime.load(new DeviceRequest.Auto());
      return Finding.ok(
          "native build",
          "llama.cpp %s for %s%s in %s (%s)"
              .formatted(
                  runtime.version(),
                  runtime.flavor(),
                  runtime.variant().isEmpty() ? "" : ", portable, its variant " + runtime.variant(),
                  runtime.folder(),
                  runtime.reason()));
    } catch (LlamaException e) {
      return Finding.failed("native build", e);
    }
  }

  /** What the build uses of the processor, and what it leaves unused. */
  static Finding processor() {
    try {
      LlamaRuntime runtime = LlamaRuntime.load(new DeviceRequest.Auto());
      List<String> used = runtime.instructionSets();
      List<String> unused = new ArrayList<>(runtime.processorInstructionSets());
      unused.removeAll(used);
      String text =
          "the build uses %s; this processor has %s"
              .formatted(
                  used.isEmpty() ? "no instruction set by name" : String.join(" ", used),
                  unused.isEmpty() ? "no more" : "also " + String.join(" ", unused));
      return Finding.ok(
          "processor", runtime.remark().isEmpty() ? text : text + " (" + runtime.remark() + ")");
    } catch (LlamaException e) {
      return Finding.failed("processor", "not looked at, the native build does not load");
    }
  }

  static Finding abi() {
    try {
      AbiCheck.Result result = AbiCheck.run();
      return result.problems().isEmpty()
          ? Finding.ok("abi", result.checks() + " symbols and struct defaults as expected")
          : Finding.failed(
              "abi", String.join("; ", result.problems()) + "; build anew with mvn clean package");
    } catch (LlamaException e) {
      return Finding.failed("abi", "not looked at, the native build does not load");
    }
  }

  static Finding devices() {
    try {
      String all =
          LlamaRuntime.load(new DeviceRequest.Auto()).devices().stream()
              .map(device ->
                  "%s (%s, %.1f of %.1f GiB free)"
                      .formatted(
                          device.name(),
                          device.description(),
                          device.freeBytes() / (double) (1L << 30),
                          device.totalBytes() / (double) (1L << 30)))
              .collect(Collectors.joining(", "));
      return Finding.ok("devices", all);
    } catch (LlamaException e) {
      return Finding.failed("devices", "not looked at, the native build does not load");
    }
  }

  /** Which libtorch the captioner has, whether it sees a GPU, and the next step if not. */
  static Finding torch() {
    return torch(Torch.installation(), Files.exists(NVIDIA_CARD));
  }

  static Finding torch(Torch.Installation found, boolean card) {
    String text =
        "libtorch %s for %s in %s"
            .formatted(found.version(), found.cuda() ? "CUDA" : "the CPU", found.folder());
    if (found.gpus() > 0) {
      return Finding.ok("pytorch", "%s sees %d GPU(s)".formatted(text, found.gpus()));
    }
    if (found.cuda()) {
      return Finding.failed(
          "pytorch",
          text
              + " sees no GPU: look whether nvidia-smi lists one, then run torch/build-jni.sh again, which finds CUDA's libraries");
    }
    return Finding.ok(
        "pytorch",
        card
            ? text
                + "; to train on this machine's card, install a PyTorch for CUDA and run torch/build-jni.sh --torch DIR (docs/captioner.md)"
            : text);
  }

  static Finding embeddedModel() {
    try {
      EmbeddedModel files = EmbeddedModel.find();
      LlavaOptions options =
          LlavaOptions.of(files.languageModel(), files.projector())
              .withLoad(ModelOptions.defaults());
      try (LlavaCaptioner captioner = LlavaCaptioner.open(options)) {
        Caption caption =
            captioner.caption(
                RgbImage.read(files.testImage()),
                EmbeddedModel.DEFAULT_INSTRUCTION,
                GenerationConfig.greedy());
        return caption.text().equals(EXPECTED_CAPTION)
            ? Finding.ok("caption", "the embedded model says: " + caption.text())
            : Finding.failed(
                "caption",
                "the embedded model says '%s', not '%s'; build anew with mvn clean package"
                    .formatted(caption.text(), EXPECTED_CAPTION));
      }
    } catch (RuntimeException e) {
      return Finding.failed("caption", e);
    }
  }
}
