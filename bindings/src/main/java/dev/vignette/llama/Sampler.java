package dev.vignette.llama;

import dev.vignette.llama.internal.NativeHandle;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.llama_sampler_chain_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A chain of llama.cpp's own samplers, built step by step and ended by {@link Builder#greedy} or
 * {@link Builder#seeded}. Not thread-safe.
 */
public final class Sampler implements AutoCloseable {

  private final NativeHandle chain;

  private Sampler(NativeHandle chain) {
    this.chain = chain;
  }

  /** Starts a chain. */
  public static Builder chain() {
    return new Builder();
  }

  /**
   * Chooses the token after a row of the context's last decode, and remembers it for the penalties.
   *
   * @param row a row whose logits that decode gave
   */
  public int sample(LlamaContext context, int row) {
    return context.sample(chain.pointer(), row);
  }

  /** Forgets the tokens chosen so far and starts the seed again. */
  public void reset() {
    LlamaCpp.llama_sampler_reset(chain.pointer());
  }

  @Override
  public void close() {
    chain.close();
  }

  /** Adds samplers in the order in which they shall act. */
  public static final class Builder {

    private final List<Supplier<MemorySegment>> steps = new ArrayList<>();

    private Builder() {}

    private Builder add(Supplier<MemorySegment> sampler) {
      steps.add(sampler);
      return this;
    }

    private static void check(boolean holds, String rule, Object value) {
      if (!holds) {
        throw new IllegalArgumentException(rule + ", not " + value);
      }
    }

    /**
     * Penalizes the last {@code window} tokens (1 or more) by dividing or multiplying their logits.
     */
    public Builder repetitionPenalty(Vocabulary vocabulary, float penalty, int window) {
      check(penalty > 0, "a repetition penalty is over 0", penalty);
      check(window >= 1, "a penalty window is 1 or more", window);
      return add(
          () -> LlamaCpp.llama_sampler_init_penalties(vocabulary.size(), window, penalty, 0, 0));
    }

    /** Keeps the k likeliest tokens. */
    public Builder topK(int k) {
      check(k >= 1, "top k is 1 or more", k);
      return add(() -> LlamaCpp.llama_sampler_init_top_k(k));
    }

    /** Keeps the likeliest tokens whose probabilities sum to p. */
    public Builder topP(float p) {
      check(p > 0 && p <= 1, "top p is over 0 and at most 1", p);
      return add(() -> LlamaCpp.llama_sampler_init_top_p(p, 1));
    }

    /** Divides the logits. */
    public Builder temperature(float temperature) {
      check(temperature > 0, "a temperature is over 0", temperature);
      return add(() -> LlamaCpp.llama_sampler_init_temp(temperature));
    }

    /** Ends the chain: the likeliest token. */
    public Sampler greedy() {
      add(() -> LlamaCpp.llama_sampler_init_greedy());
      return build();
    }

    /** Ends the chain: a token by chance, the same for the same seed. */
    public Sampler seeded(int seed) {
      add(() -> LlamaCpp.llama_sampler_init_dist(seed));
      return build();
    }

    private Sampler build() {
      MemorySegment chain;
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment params = LlamaCpp.llama_sampler_chain_default_params(arena);
        llama_sampler_chain_params.no_perf(params, true);
        chain = LlamaCpp.llama_sampler_chain_init(params);
      }
      NativeHandle handle =
          NativeHandle.shared("this sampler", chain, LlamaCpp::llama_sampler_free);
      try {
        steps.forEach(step -> LlamaCpp.llama_sampler_chain_add(handle.pointer(), step.get()));
      } catch (Throwable e) {
        handle.close();
        throw e;
      }
      return new Sampler(handle);
    }
  }
}
