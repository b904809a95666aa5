package dev.vignette.cli.llava;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.llama.DeviceRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is loaded before the command line is read. */
class EarlyLoadingTest {

  private static List<String> words(String command) {
    return List.of(command.split(" "));
  }

  @Test
  void aCaptionLoadsTheBestDeviceOrTheProcessor() {
    assertThat(EarlyLoading.deviceOf(words("llava caption photo.jpg")))
        .contains(new DeviceRequest.Auto());
    assertThat(EarlyLoading.deviceOf(words("llava caption --device cpu photo.jpg")))
        .contains(new DeviceRequest.Cpu());
    assertThat(EarlyLoading.deviceOf(words("llava caption photos --device=cpu -o p.json")))
        .contains(new DeviceRequest.Cpu());
  }

  @Test
  void whereItIsNotPlainNothingIsLoaded() {
    assertThat(
            List.of(
                "llava caption",
                "llava caption --help",
                "llava caption photo.jpg --verbose",
                "llava caption photos --isolate -o p.json",
                "llava caption --device cuda:0 photo.jpg",
                "llava caption --device=auto photo.jpg",
                "llava caption photo.jpg --device",
                "llava quantize a.gguf b.gguf Q8_0",
                "eval --predictions p.json"))
        .allSatisfy(command -> assertThat(EarlyLoading.deviceOf(words(command))).isEmpty());
  }
}
