package dev.vignette.torch;

import java.util.EnumMap;
import java.util.Map;

/**
 * Writes the TorchScript of one transformer block. The functions take the block's weights as a list
 * in this order: norm1 (weight, bias), qkv or q, k, v (weight (out, in) and bias each), projection,
 * norm2, up, down, then A and B of every adapter in the order of {@link BlockLinear}.
 *
 * <p>T is the number of rows, H the heads, D the width of a head. An adapter adds {@code scale ·
 * dropout(x) Aᵀ Bᵀ} to its linear map (loralib, PEFT).
 */
public final class BlockScript {
  /** Name of the function that {@link DropoutScript} writes for the blocks of a module. */
  public static final String DROPOUT = "drop";

  private final BlockShape shape;
  private final Map<BlockLinear, Double> adapterScales;
  private final DropoutScript dropout;
  private final Precision precision;
  private final StringBuilder text = new StringBuilder();

  /**
   * @param shape of the block
   * @param adapterScales scale of each adapter; linear maps without one are absent
   * @param dropout before each adapter; if it is active the module needs its {@link
   *     DropoutScript#function} under the name {@link #DROPOUT}
   * @param precision of linear maps and attention; x and the adapters come in float32
   */
  public BlockScript(
      BlockShape shape,
      Map<BlockLinear, Double> adapterScales,
      DropoutScript dropout,
      Precision precision) {
    if (shape.splitQkv() && adapterScales.containsKey(BlockLinear.QKV)) {
      throw new IllegalArgumentException("An adapter on qkv needs one weight for q, k and v");
    }
    this.shape = shape;
    this.adapterScales = new EnumMap<>(BlockLinear.class);
    this.adapterScales.putAll(adapterScales);
    this.dropout = dropout;
    this.precision = precision;
  }

  /** The text of the functions added so far. */
  public String text() {
    return text.toString();
  }

  /**
   * Adds {@code name(weights, x (B, T, C)) -> (B, T, C)}.
   *
   * @param causal whether a row sees only itself and the rows before it
   */
  BlockScript whole(String name, boolean causal) {
    begin(name, "x: Tensor", "Tensor");
    queriesKeysValues(0);
    line(
        "y = torch.scaled_dot_product_attention(q, k, v, None, 0., %s)", causal ? "True" : "False");
    end("x");
    return this;
  }

  /**
   * Adds {@code name(weights, x (B, T, C), mask) -> (B, T - dropped, C)}.
   *
   * <p>The mask is boolean, broadcast to (B, H, T - dropped, T), true where a row may look. The
   * dropped leading rows serve as keys and values only and get no result.
   */
  public BlockScript masked(String name, int dropped) {
    begin(name, "x: Tensor, mask: Tensor", "Tensor");
    queriesKeysValues(dropped);
    line("y = torch.scaled_dot_product_attention(q, k, v, mask)");
    end("x");
    return this;
  }

  /** Adds {@code name(weights, x, mask) -> (x, attention (B, H, T, T))}, as {@link #masked}. */
  BlockScript tapped(String name) {
    begin(name, "x: Tensor, mask: Tensor", "Tuple[Tensor, Tensor]");
    queriesKeysValues(0);
    line("s = torch.mul(torch.matmul(q, torch.transpose(k, 2, 3)), %s)", attentionScale());
    line("s = torch.masked_fill(s, torch.logical_not(mask), -inf)");
    line("a = torch.softmax(%s, -1)", precision.raised("s"));
    line("y = torch.matmul(%s, v)", precision.lowered("a"));
    end("(x, a)");
    return this;
  }

  /**
   * Adds {@code name(weights, x (B, P, C)) -> (x, keys, values (B, H, P, D))}: the causal pass over
   * a prefix that later rows will look at.
   */
  public BlockScript prefix(String name) {
    begin(name, "x: Tensor", "Tuple[Tensor, Tensor, Tensor]");
    queriesKeysValues(0);
    line("y = torch.scaled_dot_product_attention(q, k, v, None, 0., True)");
    end("(x, torch.contiguous(k), torch.contiguous(v))");
    return this;
  }

  /**
   * Adds {@code name(weights, x (B, N, C), prefixKeys, prefixValues (B, H, P, D), keys, values
   * (B·N, H, t, D), hidden (B·N, 1, 1, t + 1)) -> (x, keys, values (B·N, H, t + 1, D), attention
   * (B·N, H, P + t + 1))}: one more row for each of N continuations of one prefix, which is held
   * once for all of them. No row looks where hidden is true.
   */
  public BlockScript step(String name) {
    int heads = shape.heads();
    int width = shape.headWidth();
    begin(
        name,
        "x: Tensor, pk: Tensor, pv: Tensor, tk: Tensor, tv: Tensor, hidden: Tensor",
        "Tuple[Tensor, Tensor, Tensor, Tensor]");
    line("n = torch.size(x, 1)");
    queriesKeysValues(0);
    line("m = torch.mul(torch.size(x, 0), n)");
    // (B, H, N, D) -> (B·N, H, 1, D)
    for (String part : new String[] {"q", "k", "v"}) {
      line(
          "%1$s1 = torch.reshape(torch.transpose(%1$s, 1, 2), [m, %2$d, 1, %3$d])",
          part, heads, width);
    }
    line("tk = torch.cat([tk, k1], 2)");
    line("tv = torch.cat([tv, v1], 2)");
    line("p = torch.size(pk, 2)");
    // (B, H, N, P) -> (B·N, H, 1, P)
    line("sp = torch.transpose(torch.matmul(q, torch.transpose(pk, 2, 3)), 1, 2)");
    line("sp = torch.reshape(sp, [m, %d, 1, p])", heads);
    line("st = torch.matmul(q1, torch.transpose(tk, 2, 3))");
    line("st = torch.masked_fill(st, hidden, -inf)");
    line("s = torch.mul(torch.cat([sp, st], 3), %s)", attentionScale());
    line("a = torch.softmax(%s, -1)", precision.raised("s"));
    line("r = %s", precision.lowered("a"));
    line("ap = torch.reshape(torch.slice(r, 3, 0, p), [torch.size(x, 0), n, %d, p])", heads);
    line("yp = torch.transpose(torch.matmul(torch.transpose(ap, 1, 2), pv), 1, 2)");
    line("yt = torch.matmul(torch.slice(r, 3, p), tv)");
    line("yt = torch.reshape(yt, [torch.size(x, 0), n, %d, %d])", heads, width);
    line("y = torch.transpose(torch.add(yp, yt), 1, 2)");
    end("(x, tk, tv, torch.squeeze(a, 2))");
    return this;
  }

  private void begin(String name, String parameters, String result) {
    text.append("  def %s(self, w: List[Tensor], %s) -> %s:%n".formatted(name, parameters, result));
  }

  /** Leaves q, k, v (B, H, T, D) and x in variables, q and x without the dropped rows. */
  private void queriesKeysValues(int dropped) {
    norm(0);
    line("b = torch.size(x, 0)");
    if (shape.splitQkv()) {
      line("q = torch.linear(h, w[2], w[3])");
      line("k = torch.linear(h, w[4], w[5])");
      line("v = torch.linear(h, w[6], w[7])");
    } else {
      linear(BlockLinear.QKV, "z", "h", 2);
      line("q, k, v, = torch.chunk(z, 3, 1)");
    }
    for (String part : new String[] {"q", "k", "v"}) {
      line(
          "%1$s = torch.transpose(torch.view(%1$s, [b, -1, %2$d, %3$d]), 1, 2)",
          part, shape.heads(), shape.headWidth());
    }
    if (dropped > 0) {
      line("q = torch.slice(q, 2, %d)", dropped);
      line("x = torch.slice(x, 1, %d)", dropped);
    }
  }

  /** From the attention's y (B, H, T, D) to the block's result. */
  private void end(String result) {
    int projection = shape.splitQkv() ? 8 : 4;
    line("y = torch.reshape(torch.transpose(y, 1, 2), [-1, %d])", shape.width()); // (B·T, C)
    linear(BlockLinear.PROJECTION, "z", "y", projection);
    line("x = torch.add(x, torch.view(z, [b, -1, %d]))", shape.width());
    norm(projection + 2);
    linear(BlockLinear.UP, "u", "h", projection + 4);
    line("u = %s", shape.activation().on("u"));
    linear(BlockLinear.DOWN, "z", "u", projection + 6);
    line("x = torch.add(x, torch.view(z, [b, -1, %d]))", shape.width());
    line("return %s", result);
  }

  /** Leaves the norm of x as rows (B·T, C) for linear maps in h. */
  private void norm(int weight) {
    line(
        "h = torch.layer_norm(x, [%d], w[%d], w[%d], %s)",
        shape.width(), weight, weight + 1, shape.epsilon());
    line("h = %s", precision.lowered("torch.view(h, [-1, %d])".formatted(shape.width())));
  }

  /** A linear map of rows (R, in), its adapter added in place by one more product. */
  private void linear(BlockLinear linear, String target, String source, int weight) {
    line("%s = torch.linear(%s, w[%d], w[%d])", target, source, weight, weight + 1);
    Double scale = adapterScales.get(linear);
    if (scale != null) {
      int a = adapterIndex(linear);
      String input = source;
      if (dropout.isActive()) {
        line("d = (self).%s(%s)", DROPOUT, source);
        input = "d";
      }
      String down = precision.lowered("w[%d]".formatted(a));
      String up = precision.lowered("w[%d]".formatted(a + 1));
      line("d = torch.mul(torch.linear(%s, %s), %s)", input, down, scale * dropout.scale());
      line("%1$s = torch.addmm_(%1$s, d, torch.t(%2$s))", target, up);
    }
  }

  /** Where an adapter's A lies in the list of weights; B follows. */
  private int adapterIndex(BlockLinear linear) {
    int before = (int) adapterScales.keySet().stream().filter(l -> l.compareTo(linear) < 0).count();
    return shape.weightCount() + 2 * before;
  }

  private String attentionScale() {
    return Double.toString(1 / Math.sqrt(shape.headWidth()));
  }

  private void line(String format, Object... arguments) {
    text.append("    ").append(format.formatted(arguments)).append('\n');
  }
}
