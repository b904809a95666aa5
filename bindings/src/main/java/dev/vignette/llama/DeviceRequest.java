package dev.vignette.llama;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

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

  /**
   * The devices that a user wants used at once: one by any form of {@link DeviceRequest}, several
   * CUDA devices by {@code cuda:0,cuda:1}, or {@code all} of them.
   *
   * @param named in the user's order, each once; empty for all there are
   */
  record DeviceList(List<DeviceRequest> named) {

    public DeviceList {
      named = List.copyOf(named);
      for (DeviceRequest device : named) {
        if (named.size() > 1 && !(device instanceof DeviceRequest.Cuda)) {
          throw new IllegalArgumentException(
              "several devices are all CUDA devices, such as cuda:0,cuda:1; name one device, or cards only");
        }
      }
      for (DeviceRequest device : named) {
        if (device instanceof DeviceRequest.Cuda(int index)
            && named.indexOf(device) < named.lastIndexOf(device)) {
          throw new IllegalArgumentException(
              "each device is named once, but cuda:%d was named twice; name it once"
                  .formatted(index));
        }
      }
    }

    /**
     * Reads the form used on the command line.
     *
     * @throws IllegalArgumentException if the text is none of the forms
     */
    public static DeviceList parse(String text) {
      if (text.strip().toLowerCase(Locale.ROOT).equals("all")) {
        return new DeviceList(List.of());
      }
      List<DeviceRequest> named = new ArrayList<>();
      Arrays.stream(text.split(",", -1)).map(DeviceRequest::parse).forEach(named::add);
      return new DeviceList(named);
    }

    /** The device where only one is of use: the first that is named, and of all the first card. */
    public DeviceRequest first() {
      return named.isEmpty() ? new DeviceRequest.Cuda(0) : named.getFirst();
    }

    /**
     * The devices, each of which is there if there are several.
     *
     * @throws NativeLoadException if a card is asked for that is not there, with those that are
     */
    public List<DeviceRequest> find() {
      if (named.isEmpty()) {
        LlamaRuntime runtime = LlamaRuntime.load(first());
        return IntStream.range(0, runtime.gpus().size())
            .<DeviceRequest>mapToObj(DeviceRequest.Cuda::new)
            .toList();
      }
      if (named.size() > 1) {
        named.forEach(LlamaRuntime::load);
      }
      return named;
    }
  }
}
