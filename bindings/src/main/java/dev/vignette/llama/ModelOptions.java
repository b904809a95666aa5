package dev.vignette.llama;

/**
 * How a model is loaded.
 *
 * @param device where it computes
 * @param gpuLayers layers kept on the accelerator, from the last; {@link #ALL_LAYERS} for all
 * @param memoryMap whether the file is mapped (starts sooner, shared between processes) or read
 */
public record ModelOptions(DeviceRequest device, int gpuLayers, boolean memoryMap) {

  /** Every layer. */
  public static final int ALL_LAYERS = -1;

  public ModelOptions {
    if (gpuLayers < ALL_LAYERS) {
      throw new IllegalArgumentException(
          "GPU layers are 0 or more, or -1 for all of them, not " + gpuLayers);
    }
  }

  /** The best device, all layers on it, the file mapped. */
  public static ModelOptions defaults() {
    return new ModelOptions(new DeviceRequest.Auto(), ALL_LAYERS, true);
  }

  public ModelOptions withDevice(DeviceRequest value) {
    return new ModelOptions(value, gpuLayers, memoryMap);
  }
}
