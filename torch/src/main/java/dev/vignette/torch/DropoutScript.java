package dev.vignette.torch;

import ai.djl.Device;

/**
 * Dropout in TorchScript. On the CPU from 16 random bits an element: several times faster than
 * PyTorch's, whose generator draws a double for each, and with a mask of one byte instead of four;
 * the kept values are not scaled, {@link #scale()} being left to where it costs least. On a GPU it
 * is PyTorch's own, one kernel that scales too.
 *
 * @param probability of a zero, in [0, 1), rounded to 1/65536
 * @param ownKernel whether PyTorch's own kernel is called
 */
public record DropoutScript(double probability, boolean ownKernel) {
  /** Nothing is dropped. */
  public static final DropoutScript NONE = new DropoutScript(0, false);

  private static final int LEVELS = 1 << 16;
  private static final String FUNCTION =
      """
        def %s(self, x: Tensor) -> Tensor:
          n = torch.numel(x)
          r = torch.new_empty(x, [torch.add(torch.floordiv(n, 4), 1)], dtype=4)
          r = torch.random_(r, -9223372036854775808, None)
          s = torch.view_as(torch.slice(torch.view_copy(r, dtype=2), 0, 0, n), x)
          return torch.masked_fill(x, torch.lt(s, %d), 0.)
      """;

  private static final String OWN_KERNEL =
      """
        def %s(self, x: Tensor) -> Tensor:
          return torch.dropout(x, %s, True)
      """;

  public DropoutScript {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException("Dropout must be in [0, 1), not " + probability);
    }
  }

  /** The dropout that is fastest on a device. */
  public static DropoutScript on(Device device, double probability) {
    return new DropoutScript(probability, device.isGpu());
  }

  /** Whether anything is dropped. */
  public boolean isActive() {
    return dropped() > 0;
  }

  private int dropped() {
    return (int) Math.min(LEVELS - 1, Math.round(probability * LEVELS));
  }

  /** The function {@code name(x) -> x with zeros}; a copy when nothing is dropped. */
  public String function(String name) {
    return ownKernel
        ? OWN_KERNEL.formatted(name, (double) dropped() / LEVELS)
        : FUNCTION.formatted(name, Short.MIN_VALUE + dropped());
  }

  /** What the kept values must be multiplied by to keep their expectation. */
  public double scale() {
    return ownKernel ? 1 : (double) LEVELS / (LEVELS - dropped());
  }
}
