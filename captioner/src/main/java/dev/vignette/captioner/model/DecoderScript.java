package dev.vignette.captioner.model;

import ai.djl.Device;
import dev.vignette.torch.Activation;
import dev.vignette.torch.BlockLinear;
import dev.vignette.torch.BlockScript;
import dev.vignette.torch.BlockShape;
import dev.vignette.torch.DropoutScript;
import dev.vignette.torch.Precision;
import java.util.Map;
import java.util.Optional;

/**
 * The TorchScript of what surrounds GPT-2's blocks here. Weights of {@code rows}: projection weight
 * and bias, wte, wpe, then A and B of their adapters; of {@code logits} and {@code loss}: ln_f
 * weight and bias, head, then A and B of its adapter.
 */
record DecoderScript(Gpt2Config config, AdapterPlan plan, Precision precision, Device device) {
  BlockShape block() {
    return new BlockShape(
        config.width(), config.heads(), Activation.GELU_TANH, config.epsilon(), false);
  }

  /** The whole module: these functions, and the blocks for each kind of adapters. */
  String module(
      CaptionDecoder.Regularization regularization,
      Map<Map<BlockLinear, Double>, Integer> kinds,
      int visualRows) {
    double dropout = plan.settings().dropout();
    StringBuilder text =
        new StringBuilder(
            text(regularization.projectionDropout(), dropout, regularization.labelSmoothing()));
    kinds.forEach((scales, kind) -> {
      text.append(
          new BlockScript(block(), scales, DropoutScript.on(device, dropout), precision)
              .masked("train" + kind, 0)
              .masked("trainlast" + kind, visualRows)
              .text());
      text.append(
          new BlockScript(block(), scales, DropoutScript.NONE, precision)
              .masked("plain" + kind, 0)
              .masked("plainlast" + kind, visualRows)
              .prefix("prefix" + kind)
              .step("step" + kind)
              .text());
    });
    return text.toString();
  }

  /**
   * @param projectionDropout probability on the projected visual rows
   * @param dropout probability before the head's adapter
   * @param smoothing of the labels
   */
  private String text(double projectionDropout, double dropout, double smoothing) {
    DropoutScript onProjection = DropoutScript.on(device, projectionDropout);
    DropoutScript onAdapters = DropoutScript.on(device, dropout);
    return onAdapters.function(BlockScript.DROPOUT)
        + onProjection.function("dropvisual")
        + rows(onProjection)
        + text()
        + cache()
        + logits("logits", DropoutScript.NONE)
        + logits("dropped", onAdapters)
        + loss(smoothing);
  }

  /**
   * Visual rows before text rows, (B, P, W), (B, T), (B, T) -> (B, P + T, C); the mask of segments,
   * (R, S) -> (R, 1, S, S): a position sees the image and its own segment, up to itself.
   */
  private String rows(DropoutScript dropout) {
    String dropped =
        dropout.isActive() ? "torch.mul((self).dropvisual(v), %s)".formatted(dropout.scale()) : "v";
    return """
      def mask(self, segments: Tensor) -> Tensor:
        i = torch.unsqueeze(segments, 2)
        j = torch.unsqueeze(segments, 1)
        seen = torch.tril(torch.logical_or(torch.eq(j, 0), torch.eq(i, j)))
        zeros = torch.zeros_like(seen, dtype=%2$d)
        return torch.unsqueeze(torch.masked_fill(zeros, torch.logical_not(seen), -inf), 1)
      def project(self, w: List[Tensor], features: Tensor) -> Tensor:
        return %3$s
      def rows(self, w: List[Tensor], features: Tensor, ids: Tensor, positions: Tensor) -> Tensor:
        v = (self).project(w, features)
        return torch.cat([v, (self).text(w, ids, positions)], 1)
      def trainrows(self, w: List[Tensor], features: Tensor, owners: Tensor, ids: Tensor, positions: Tensor) -> Tensor:
        v = (self).project(w, torch.index_select(features, 0, owners))
        return torch.cat([%1$s, (self).text(w, ids, positions)], 1)
    """
        .formatted(dropped, precision.scalarType(), projection());
  }

  /** Features may be float16, as they are stored. */
  private String projection() {
    return precision.raised(
        "torch.linear(%s, %s, %s)"
            .formatted(
                "torch.to(features, %d)".formatted(precision.scalarType()),
                precision.lowered("w[0]"),
                precision.lowered("w[1]")));
  }

  /**
   * Chosen rows of a cache; more rows behind them; rows that are nobody's, (B·N, H, t, D) to ((B +
   * B')·N, H, t, D), by the prefixes of both kinds of images; the keys or values of continuations
   * (B, N, C) that have read nothing. DJL itself makes no arrays of bfloat16.
   */
  private String cache() {
    return """
      def select(self, x: Tensor, rows: Tensor) -> Tensor:
        return torch.index_select(x, 0, rows)
      def join(self, x: Tensor, more: Tensor) -> Tensor:
        return torch.cat([x, more], 0)
      def pad(self, x: Tensor, prefix: Tensor, more: Tensor) -> Tensor:
        n = torch.floordiv(torch.size(x, 0), torch.size(prefix, 0))
        m = torch.mul(n, torch.size(more, 0))
        z = torch.new_zeros(x, [m, torch.size(x, 1), torch.size(x, 2), torch.size(x, 3)])
        return torch.cat([x, z], 0)
      def unread(self, x: Tensor, prefix: Tensor) -> Tensor:
        n = torch.mul(torch.size(x, 0), torch.size(x, 1))
        return torch.new_empty(prefix, [n, torch.size(prefix, 1), 0, torch.size(prefix, 3)])
    """;
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
    text.append("    h = %s%n".formatted(precision.lowered("h")));
    text.append("    z = torch.linear(h, w[2])\n");
    plan.slot(AdapterPlan.HEAD)
        .ifPresent(slot -> {
          if (dropout.isActive()) {
            text.append("    h = (self).%s(h)%n".formatted(BlockScript.DROPOUT));
          }
          text.append(
              "    h = torch.mul(torch.linear(h, %s), %s)%n"
                  .formatted(precision.lowered("w[3]"), slot.scale() * dropout.scale()));
          text.append(
              "    z = torch.add_(z, torch.linear(h, %s))%n".formatted(precision.lowered("w[4]")));
        });
    return text.append("    return %s%n".formatted(precision.raised("z"))).toString();
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
