package dev.vignette.captioner.model;

import dev.vignette.torch.Activation;
import dev.vignette.torch.BlockScript;
import dev.vignette.torch.BlockShape;
import dev.vignette.torch.DropoutScript;
import java.util.Optional;

/**
 * The TorchScript of what surrounds GPT-2's blocks here. Weights of {@code rows}: projection weight
 * and bias, wte, wpe, then A and B of their adapters; of {@code logits} and {@code loss}: ln_f
 * weight and bias, head, then A and B of its adapter.
 */
record DecoderScript(Gpt2Config config, AdapterPlan plan) {
  BlockShape block() {
    return new BlockShape(
        config.width(), config.heads(), Activation.GELU_TANH, config.epsilon(), false);
  }

  /**
   * @param projectionDropout probability on the projected visual rows
   * @param dropout probability before the head's adapter
   * @param smoothing of the labels
   */
  String text(double projectionDropout, double dropout, double smoothing) {
    DropoutScript onProjection = new DropoutScript(projectionDropout);
    DropoutScript onAdapters = new DropoutScript(dropout);
    return onAdapters.function(BlockScript.DROPOUT)
        + onProjection.function("dropvisual")
        + rows(onProjection)
        + text()
        + logits("logits", new DropoutScript(0))
        + logits("dropped", onAdapters)
        + loss(smoothing);
  }

  /**
   * Visual rows before text rows, (B, P, W), (B, T), (B, T) -> (B, P + T, C); the mask of segments,
   * (R, S) -> (R, 1, S, S): a position sees the image and its own segment, up to itself.
   */
  private static String rows(DropoutScript dropout) {
    String dropped =
        dropout.isActive() ? "torch.mul((self).dropvisual(v), %s)".formatted(dropout.scale()) : "v";
    return """
      def select(self, x: Tensor, rows: Tensor) -> Tensor:
        return torch.index_select(x, 0, rows)
      def mask(self, segments: Tensor) -> Tensor:
        i = torch.unsqueeze(segments, 2)
        j = torch.unsqueeze(segments, 1)
        seen = torch.tril(torch.logical_or(torch.eq(j, 0), torch.eq(i, j)))
        zeros = torch.zeros_like(seen, dtype=6)
        return torch.unsqueeze(torch.masked_fill(zeros, torch.logical_not(seen), -inf), 1)
      def project(self, w: List[Tensor], features: Tensor) -> Tensor:
        return torch.linear(features, w[0], w[1])
      def rows(self, w: List[Tensor], features: Tensor, ids: Tensor, positions: Tensor) -> Tensor:
        v = torch.linear(features, w[0], w[1])
        return torch.cat([v, (self).text(w, ids, positions)], 1)
      def trainrows(self, w: List[Tensor], features: Tensor, owners: Tensor, ids: Tensor, positions: Tensor) -> Tensor:
        f = torch.index_select(features, 0, owners)
        v = torch.linear(f, w[0], w[1])
        return torch.cat([%s, (self).text(w, ids, positions)], 1)
    """
        .formatted(dropped);
  }

  private String text() {
    StringBuilder text =
        new StringBuilder(
            """
              def text(self, w: List[Tensor], ids: Tensor, positions: Tensor) -> Tensor:
                x = torch.add(torch.embedding(w[2], ids), torch.embedding(w[3], positions))
            """);
    int index = 4;
    for (String module : new String[] {AdapterPlan.TOKENS, AdapterPlan.POSITIONS}) {
      Optional<AdapterSlot> slot = plan.slot(module);
      if (slot.isPresent()) {
        text.append(
            "    d = torch.linear(torch.embedding(torch.t(w[%d]), %s), w[%d])%n"
                .formatted(
                    index, module.equals(AdapterPlan.TOKENS) ? "ids" : "positions", index + 1));
        text.append("    x = torch.add(x, d, alpha=%s)%n".formatted(slot.get().scale()));
        index += 2;
      }
    }
    return text.append("    return x\n").toString();
  }

  private String logits(String name, DropoutScript dropout) {
    StringBuilder text = new StringBuilder();
    text.append("  def %s(self, w: List[Tensor], x: Tensor) -> Tensor:%n".formatted(name));
    text.append(
        "    h = torch.layer_norm(x, [%d], w[0], w[1], %s)%n"
            .formatted(config.width(), config.epsilon()));
    text.append("    z = torch.linear(h, w[2])\n");
    plan.slot(AdapterPlan.HEAD)
        .ifPresent(slot -> {
          if (dropout.isActive()) {
            text.append("    h = (self).%s(h)%n".formatted(BlockScript.DROPOUT));
          }
          text.append(
              "    h = torch.mul(torch.linear(h, w[3]), %s)%n"
                  .formatted(slot.scale() * dropout.scale()));
          text.append("    z = torch.add_(z, torch.linear(h, w[4]))\n");
        });
    return text.append("    return z\n").toString();
  }

  /** Sum of the cross entropies of the chosen rows, times {@code weight}. */
  private String loss(double smoothing) {
    return """
      def loss(self, w: List[Tensor], x: Tensor, rows: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
        h = torch.index_select(torch.reshape(x, [-1, %d]), 0, rows)
        z = (self).dropped(w, h)
        return torch.mul(torch.cross_entropy_loss(z, targets, None, 2, -100, %s), weight)
    """
        .formatted(config.width(), smoothing);
  }
}
