package dev.vignette.llama;

import java.util.Locale;

/**
 * Where a user wants the model to run: {@code cpu}, {@code cuda}, {@code cuda:N} or {@code auto}.
 *
 * <p>{@code auto} takes a CUDA build with a CUDA device when both are there, else the CPU.
 */
public sealed interface DeviceRequest {

  /** The processor, whatever else is there. */
  record Cpu() implements DeviceRequest {}

  /** A CUDA device, by its index (0 unless given); its absence is an error. */
  record Cuda(int index) implements DeviceRequest {
    public Cuda {
      if (index < 0) {
        throw new IllegalArgumentException("a CUDA device index is 0 or more, not " + index);
      }
    }
  }

  /** The best device there is. */
  record Auto() implements DeviceRequest {}

  /**
   * Reads the form used on the command line.
   *
   * @throws IllegalArgumentException if the text is none of the forms
   */
  static DeviceRequest parse(String text) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    if (lower.equals("cpu")) {
      return new Cpu();
    }
    if (lower.equals("auto")) {
      return new Auto();
    }
    if (lower.equals("cuda")) {
      return new Cuda(0);
    }
    if (lower.matches("cuda:\\d{1,3}")) {
      return new Cuda(Integer.parseInt(lower.substring(5)));
    }
    throw new IllegalArgumentException(
        "a device is cpu, cuda, cuda:N, several such as cuda:0,cuda:1, all or auto, not '"
            + text
            + "'; leave it out for auto");
  }
}
