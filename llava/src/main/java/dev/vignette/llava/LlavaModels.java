package dev.vignette.llava;

import dev.vignette.llama.DeviceRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * One LLaVA, opened on each of several devices.
 *
 * @param all in the order of the devices, at least one
 */
public record LlavaModels(List<LlavaModel> all) implements AutoCloseable {

  public LlavaModels {
    all = List.copyOf(all);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("a LLaVA is opened on at least one device");
    }
  }

  /**
   * Opens the files once a device; nothing is left open when one fails.
   *
   * @param options whose device is replaced
   * @throws dev.vignette.weights.faults.InvalidModelFileException if a file is not what it should
   *     be, or the two do not fit
   * @throws dev.vignette.llama.LlamaException if llama.cpp fails
   */
  public static LlavaModels open(LlavaOptions options, List<DeviceRequest> devices) {
    List<LlavaModel> opened = new ArrayList<>();
    try {
      for (DeviceRequest device : devices) {
        opened.add(LlavaModel.open(options.withLoad(options.load().withDevice(device))));
      }
      return new LlavaModels(opened);
    } catch (Throwable e) {
      opened.forEach(LlavaModel::close);
      throw e;
    }
  }

  LlavaModel first() {
    return all.getFirst();
  }

  @Override
  public void close() {
    all.forEach(LlavaModel::close);
  }
}
