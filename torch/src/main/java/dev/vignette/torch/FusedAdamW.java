package dev.vignette.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.vignette.weights.TensorFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter, 2019) as PyTorch's fused kernel
 * computes it, one call for all parameters. Moments are zero at the start; they and the step count
 * are plain arrays, to be saved and restored.
 */
public final class FusedAdamW implements AutoCloseable {
  private static final String SCRIPT =
      """
        def gradients(self, w: List[Tensor]) -> List[Tensor]:
          g = annotate(List[Tensor], [])
          for i in range(torch.len(w)):
            _0 = torch.append(g, unchecked_cast(Tensor, ops.prim.grad(w[i])))
          return g
        def clip(self, w: List[Tensor], limit: Tensor) -> Tensor:
          g = (self).gradients(w)
          norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2)), 2)
          k = torch.clamp(torch.div(limit, torch.add(norm, 1.0E-6)), None, 1.0)
          torch._foreach_mul_(g, k)
          return norm
        def clear(self, w: List[Tensor]) -> Tensor:
          torch._foreach_zero_((self).gradients(w))
          return w[0]
        def step(self, w: List[Tensor], rate: Tensor) -> Tensor:
          n = torch.floordiv(torch.len(w), 4)
          p = torch.slice(w, 0, n)
          g = (self).gradients(p)
          m = torch.slice(w, n, torch.mul(2, n))
          v = torch.slice(w, torch.mul(2, n), torch.mul(3, n))
          s = torch.slice(w, torch.mul(3, n))
          torch._foreach_add_(s, 1)
          torch._fused_adamw_(p, g, m, v, annotate(List[Tensor], []), s, lr=rate, beta1=%s, beta2=%s, weight_decay=%s, eps=%s, amsgrad=False, maximize=False)
          return w[0]
      """;

  private final NDManager manager;
  private final ScriptModule script;
  private final SequencedMap<String, NDArray> parameters;
  private final SequencedMap<String, NDArray> firstMoments = new LinkedHashMap<>();
  private final SequencedMap<String, NDArray> secondMoments = new LinkedHashMap<>();
  private final SequencedMap<String, NDArray> steps = new LinkedHashMap<>();

  /**
   * The constants of the update; the learning rate comes with each step.
   *
   * @param beta1 decay of the first moment, in [0, 1)
   * @param beta2 decay of the second moment, in [0, 1)
   * @param epsilon added to the root of the second moment
   * @param weightDecay times rate and weight, subtracted at each step
   */
  public record Settings(double beta1, double beta2, double epsilon, double weightDecay) {
    /** PyTorch's default betas and epsilon. */
    public static Settings withWeightDecay(double weightDecay) {
      return new Settings(0.9, 0.999, 1e-8, weightDecay);
    }

    public Settings {
      if (!(beta1 >= 0 && beta1 < 1)
          || !(beta2 >= 0 && beta2 < 1)
          || !(epsilon > 0)
          || weightDecay < 0) {
        throw new IllegalArgumentException(
            "AdamW needs betas in [0, 1), epsilon > 0 and weight decay >= 0, not %s, %s, %s, %s"
                .formatted(beta1, beta2, epsilon, weightDecay));
      }
    }
  }

  /** Prepares the update of parameters, which it does not own. */
  public FusedAdamW(NDManager parent, Settings settings, SequencedMap<String, NDArray> parameters) {
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("There is nothing to train: no parameter was given");
    }
    this.manager = parent.newSubManager();
    this.parameters = parameters;
    script =
        ScriptModule.compile(
            manager,
            SCRIPT.formatted(
                settings.beta1(), settings.beta2(), settings.weightDecay(), settings.epsilon()));
    parameters.forEach((name, parameter) -> {
      firstMoments.put(name, manager.zeros(parameter.getShape(), DataType.FLOAT32));
      secondMoments.put(name, manager.zeros(parameter.getShape(), DataType.FLOAT32));
      steps.put(name, manager.zeros(new Shape(), DataType.FLOAT32));
    });
  }

  /**
   * Scales the gradients down to a common norm if theirs is larger, and returns theirs. Here and in
   * {@link #step} only parameters that collect gradients take part.
   */
  public double clip(double maxNorm) {
    return Torch.inference(() -> {
      try (NDManager step = manager.newSubManager();
          NDArray limit = step.create((float) maxNorm)) {
        return (double)
            script.call(step, "clip", active(parameters), limit).singletonOrThrow().getFloat();
      }
    });
  }

  /** Updates the parameters by their gradients and sets those to zero. */
  public void step(double rate) {
    NDList all = new NDList();
    for (SequencedMap<String, NDArray> part :
        List.of(parameters, firstMoments, secondMoments, steps)) {
      all.addAll(active(part));
    }
    Torch.inference(() -> {
      // The fused CUDA kernel takes a rate from the host's memory, of any type, or a float32 one.
      try (NDManager step = manager.newSubManager(Device.cpu());
          NDArray rateArray = step.create(rate)) {
        script.call(step, "step", all, rateArray);
        return script.call(step, "clear", active(parameters));
      }
    });
  }

  private NDList active(SequencedMap<String, NDArray> arrays) {
    NDList list = new NDList(arrays.size());
    arrays.forEach((name, array) -> {
      NDArray parameter = parameters.get(name);
      if (parameter != null && parameter.hasGradient()) {
        list.add(array);
      }
    });
    return list;
  }

  /** Everything that the next step depends on, by name: moments and step counts. */
  public SequencedMap<String, NDArray> state() {
    SequencedMap<String, NDArray> state = new LinkedHashMap<>();
    firstMoments.forEach((name, array) -> state.put("exp_avg." + name, array));
    secondMoments.forEach((name, array) -> state.put("exp_avg_sq." + name, array));
    steps.forEach((name, array) -> state.put("step." + name, array));
    return state;
  }

  /** Takes up a state saved from {@link #state()}. */
  public void restore(TensorFile saved, String prefix) {
    state()
        .forEach((name, array) -> {
          try (NDArray value = Weights.load(manager, saved, prefix + name)) {
            Torch.copy(value, array);
          }
        });
  }

  @Override
  public void close() {
    script.close();
    manager.close();
  }
}
