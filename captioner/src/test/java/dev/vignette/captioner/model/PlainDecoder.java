package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * GPT-2 with adapters behind visual rows, written plainly in double precision from the published
 * definition: loops over rows, no cache, no fused operation. What the fast decoder is held against.
 */
final class PlainDecoder {
  private final Gpt2Config config;
  private final AdapterPlan plan;
  private final Map<String, double[][]> arrays = new HashMap<>();

  PlainDecoder(NDManager manager, Gpt2Weights weights, AdapterPlan plan, Trainables trainables) {
    this.config = weights.config();
    this.plan = plan;
    Gpt2Weights.shapes(config)
        .keySet()
        .forEach(name -> arrays.put(name, rows(weights.load(manager, name))));
    trainables.arrays().forEach((name, array) -> arrays.put(name, rows(array)));
  }

  private double[][] array(String name) {
    return Objects.requireNonNull(arrays.get(name), name);
  }

  private static double[][] rows(NDArray array) {
    float[] values = array.toFloatArray();
    int columns = (int) array.getShape().get(array.getShape().dimension() - 1);
    double[][] rows = new double[values.length / columns][columns];
    for (int i = 0; i < values.length; i++) {
      rows[i / columns][i % columns] = values[i];
    }
    return rows;
  }

  /**
   * Softmax of QKᵀ/√d with the causal mask, (layers, heads, rows, keys).
   *
   * @param features visual rows (P, W)
   */
  double[][][][] attention(double[][] features, long[] ids) {
    double[][] x = new double[features.length + ids.length][];
    for (int row = 0; row < features.length; row++) {
      x[row] = linear(features[row], array("proj.weight"), array("proj.bias")[0]);
    }
    for (int t = 0; t < ids.length; t++) {
      double[] token = array("wte.weight")[(int) ids[t]];
      double[] position = array("wpe.weight")[t];
      x[features.length + t] = add(token, position);
    }
    double[][][][] attention = new double[config.depth()][][][];
    for (int layer = 0; layer < config.depth(); layer++) {
      attention[layer] = block(layer, x);
    }
    return attention;
  }

  /** Changes the rows in place and gives the weights (heads, rows, keys). */
  private double[][][] block(int layer, double[][] x) {
    String h = "h.%d.".formatted(layer);
    int rows = x.length;
    int width = config.width();
    double[][] qkv = new double[rows][];
    for (int row = 0; row < rows; row++) {
      qkv[row] = adapted(h + "attn.c_attn", norm(x[row], h + "ln_1"));
    }
    double[][][] weights = new double[config.heads()][rows][];
    int size = width / config.heads();
    for (int row = 0; row < rows; row++) {
      double[] mixed = new double[width];
      for (int head = 0; head < config.heads(); head++) {
        double[] seen = softmaxRow(qkv, row, head * size, width + head * size, size);
        weights[head][row] = seen;
        for (int key = 0; key <= row; key++) {
          for (int c = 0; c < size; c++) {
            mixed[head * size + c] += seen[key] * qkv[key][2 * width + head * size + c];
          }
        }
      }
      x[row] = add(x[row], adapted(h + "attn.c_proj", mixed));
    }
    for (int row = 0; row < rows; row++) {
      double[] up = adapted(h + "mlp.c_fc", norm(x[row], h + "ln_2"));
      for (int i = 0; i < up.length; i++) {
        double cube = up[i] * up[i] * up[i];
        up[i] = 0.5 * up[i] * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (up[i] + 0.044715 * cube)));
      }
      x[row] = add(x[row], adapted(h + "mlp.c_proj", up));
    }
    return weights;
  }

  private static double[] softmaxRow(double[][] qkv, int row, int query, int key, int size) {
    double[] scores = new double[row + 1];
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j <= row; j++) {
      for (int c = 0; c < size; c++) {
        scores[j] += qkv[row][query + c] * qkv[j][key + c];
      }
      scores[j] /= Math.sqrt(size);
      max = Math.max(max, scores[j]);
    }
    double sum = 0;
    for (int j = 0; j <= row; j++) {
      scores[j] = Math.exp(scores[j] - max);
      sum += scores[j];
    }
    for (int j = 0; j <= row; j++) {
      scores[j] /= sum;
    }
    return scores;
  }

  private double[] norm(double[] x, String name) {
    double mean = 0;
    for (double value : x) {
      mean += value / x.length;
    }
    double variance = 0;
    for (double value : x) {
      variance += (value - mean) * (value - mean) / x.length;
    }
    double[] weight = array(name + ".weight")[0];
    double[] bias = array(name + ".bias")[0];
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (x[i] - mean) / Math.sqrt(variance + config.epsilon()) * weight[i] + bias[i];
    }
    return y;
  }

  /** Conv1D, whose weight is (in, out), and its adapter. */
  private double[] adapted(String module, double[] x) {
    double[][] weight = array(module + ".weight");
    double[] y = array(module + ".bias")[0].clone();
    for (int in = 0; in < x.length; in++) {
      for (int out = 0; out < y.length; out++) {
        y[out] += x[in] * weight[in][out];
      }
    }
    String name = "transformer." + module;
    plan.slot(name)
        .ifPresent(slot -> {
          double[] inner = linear(x, array(name + ".A"), null);
          double[] delta = linear(inner, array(name + ".B"), null);
          for (int out = 0; out < y.length; out++) {
            y[out] += slot.scale() * delta[out];
          }
        });
    return y;
  }

  private static double[] linear(double[] x, double[][] weight, double @Nullable [] bias) {
    double[] y = new double[weight.length];
    for (int out = 0; out < y.length; out++) {
      y[out] = bias == null ? 0 : bias[out];
      for (int in = 0; in < x.length; in++) {
        y[out] += weight[out][in] * x[in];
      }
    }
    return y;
  }

  private static double[] add(double[] a, double[] b) {
    double[] sum = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }
}
