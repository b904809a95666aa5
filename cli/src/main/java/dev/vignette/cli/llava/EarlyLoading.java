package dev.vignette.cli.llava;

import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaRuntime;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Loads the native libraries while the command line is read, which takes about as long, where it is
 * plain that they will be needed and which of them: {@code vignette llava caption} in this process,
 * on the best device or the processor.
 */
public final class EarlyLoading {

  private static final String DEVICE = "--device";

  /**
   * With these nothing is computed, or not in this process, or what happens while loading is said.
   */
  private static final Set<String> RATHER_NOT =
      Set.of("-h", "--help", "-V", "--version", "--isolate", "-v", "--verbose");

  private EarlyLoading() {}

  /** Begins to load what the arguments of the program will need. */
  public static void begin(String[] arguments) {
    deviceOf(List.of(arguments)).ifPresent(LlamaRuntime::loadAhead);
  }

  /** The device that captions are computed on; empty where that is not plain. */
  static Optional<DeviceRequest> deviceOf(List<String> arguments) {
    if (arguments.size() < 3
        || !arguments.subList(0, 2).equals(List.of("llava", "caption"))
        || arguments.stream().anyMatch(RATHER_NOT::contains)) {
      return Optional.empty();
    }
    DeviceRequest device = new DeviceRequest.Auto();
    for (int i = 2; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.equals(DEVICE) && i + 1 < arguments.size() && isCpu(arguments.get(i + 1))
          || argument.startsWith(DEVICE + "=") && isCpu(argument.substring(DEVICE.length() + 1))) {
        device = new DeviceRequest.Cpu();
      } else if (argument.startsWith(DEVICE)) {
        return Optional.empty();
      }
    }
    return Optional.of(device);
  }

  private static boolean isCpu(String device) {
    return device.equals("cpu");
  }
}
