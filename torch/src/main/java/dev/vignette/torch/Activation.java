package dev.vignette.torch;

/** The activations of the supported transformers' feed-forward layers. */
public enum Activation {
  /** The exact GELU, x·Φ(x). */
  GELU("torch.gelu(%s, approximate=\"none\")"),
  /** GPT-2's GELU, approximated by a hyperbolic tangent ({@code gelu_new}). */
  GELU_TANH("torch.gelu(%s, approximate=\"tanh\")"),
  /** OpenAI CLIP's GELU, x·σ(1.702 x). */
  QUICK_GELU("torch.mul(torch.sigmoid(torch.mul(%1$s, 1.702)), %1$s)");

  private final String script;

  Activation(String script) {
    this.script = script;
  }

  /** The TorchScript expression on a variable. */
  String on(String variable) {
    return script.formatted(variable);
  }

  /**
   * The activation that Hugging Face's configurations call {@code name}.
   *
   * @throws IllegalArgumentException for names outside {@code gelu}, {@code gelu_new}, {@code
   *     gelu_pytorch_tanh} and {@code quick_gelu}
   */
  public static Activation named(String name) {
    return switch (name) {
      case "gelu" -> GELU;
      case "gelu_new", "gelu_pytorch_tanh" -> GELU_TANH;
      case "quick_gelu" -> QUICK_GELU;
      default ->
          throw new IllegalArgumentException(
              "Activation \"%s\" is not one of gelu, gelu_new, gelu_pytorch_tanh, quick_gelu"
                  .formatted(name));
    };
  }
}
