package dev.vignette.torch;

/**
 * The number format of linear maps and attention. As in PyTorch's autocast everything else stays
 * float32: norms, residual sums, softmax that is looked at, losses, trained weights, gradients.
 *
 * <p>Casts are TorchScript, since DJL itself aborts on bfloat16.
 */
public enum Precision {
  FP32,
  BF16;

  private static final int FLOAT32_SCALAR_TYPE = 6;
  private static final int BFLOAT16_SCALAR_TYPE = 15;

  /** The TorchScript of a tensor on its way into a linear map or attention. */
  public String lowered(String expression) {
    return this == FP32 ? expression : cast(expression, scalarType());
  }

  /** The TorchScript of what a linear map or attention gave, as float32. */
  public String raised(String expression) {
    return this == FP32 ? expression : cast(expression, FLOAT32_SCALAR_TYPE);
  }

  /** PyTorch's number of the format. */
  public int scalarType() {
    return this == FP32 ? FLOAT32_SCALAR_TYPE : BFLOAT16_SCALAR_TYPE;
  }

  private static String cast(String expression, int scalarType) {
    return "torch.to(%s, %d)".formatted(expression, scalarType);
  }
}
