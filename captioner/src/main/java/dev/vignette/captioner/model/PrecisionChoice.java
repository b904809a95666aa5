package dev.vignette.captioner.model;

import ai.djl.Device;
import dev.vignette.torch.Precision;
import java.util.Optional;

/** In which number format to compute: {@code training.precision}, {@code --dtype}. */
public enum PrecisionChoice {
  /** bf16 on a GPU that is fast at it, otherwise fp32. */
  AUTO,
  FP32,
  BF16;

  /**
   * What the choice means on a device.
   *
   * @param fastBfloat16 whether the device multiplies bfloat16 matrices faster than float32 ones
   */
  public Precision on(Device device, boolean fastBfloat16) {
    return switch (this) {
      case AUTO -> device.isGpu() && fastBfloat16 ? Precision.BF16 : Precision.FP32;
      case FP32 -> Precision.FP32;
      case BF16 -> Precision.BF16;
    };
  }

  /**
   * What to warn of where the choice is meant for other devices.
   *
   * @param setting what the choice was made by
   */
  public Optional<String> warning(String setting, Device device, boolean fastBfloat16) {
    return this == BF16 && !fastBfloat16
        ? Optional.of(
            "%s is bf16, for which %s has no instructions: fp32 is faster here"
                .formatted(setting, device.isGpu() ? "this GPU" : "this processor"))
        : Optional.empty();
  }
}
