package dev.vignette.decoding;

import java.util.List;

/**
 * How tokens are chosen, with Hugging Face's names, meanings and defaults ({@code transformers}
 * 5.17, {@code GenerationConfig}); only {@code maxNewTokens} differs, whose default there counts
 * the prompt.
 *
 * @param maxNewTokens the most tokens generated, 1 to 1,048,576
 * @param minNewTokens tokens generated before the end may come, 0 to maxNewTokens
 * @param numBeams beams of the search, 1 (greedy or sampling) to 64
 * @param lengthPenalty exponent of the length by which a finished beam's score is divided
 * @param earlyStopping when beam search ends
 * @param noRepeatNgramSize n-grams of this size may occur once only, prompt included; 0 for no such
 *     rule
 * @param repetitionPenalty over 0; over 1 makes tokens that already occur less likely, prompt
 *     included
 * @param doSample whether tokens are drawn by chance; needs one beam
 * @param temperature over 0; divides the logits when sampling
 * @param topK the likeliest tokens kept when sampling; 0 for all
 * @param topP over 0, at most 1: the likeliest tokens kept when sampling, by their summed
 *     probability
 * @param seed of the sampling; each caption starts from it
 * @param stopStrings generation ends when one of these appears; it is cut off
 */
public record GenerationConfig(
    int maxNewTokens,
    int minNewTokens,
    int numBeams,
    double lengthPenalty,
    EarlyStopping earlyStopping,
    int noRepeatNgramSize,
    double repetitionPenalty,
    boolean doSample,
    double temperature,
    int topK,
    double topP,
    long seed,
    List<String> stopStrings) {

  /** More beams than this are refused: a prompt has as many sequences of llama.cpp's 256. */
  public static final int MAX_BEAMS = 64;

  /** More new tokens than this are refused: no model that captions has as many positions. */
  public static final int MAX_NEW_TOKENS = 1 << 20;

  public GenerationConfig {
    stopStrings = List.copyOf(stopStrings);
    check(maxNewTokens >= 1, "max_new_tokens is 1 or more", maxNewTokens);
    check(
        maxNewTokens <= MAX_NEW_TOKENS,
        "max_new_tokens is at most " + MAX_NEW_TOKENS,
        maxNewTokens);
    check(
        minNewTokens >= 0 && minNewTokens <= maxNewTokens,
        "min_new_tokens is 0 to max_new_tokens (" + maxNewTokens + ")",
        minNewTokens);
    check(numBeams >= 1 && numBeams <= MAX_BEAMS, "num_beams is 1 to " + MAX_BEAMS, numBeams);
    check(Double.isFinite(lengthPenalty), "length_penalty is a finite number", lengthPenalty);
    check(noRepeatNgramSize >= 0, "no_repeat_ngram_size is 0 or more", noRepeatNgramSize);
    check(positive(repetitionPenalty), "repetition_penalty is over 0", repetitionPenalty);
    check(positive(temperature), "temperature is over 0", temperature);
    check(topK >= 0, "top_k is 0 (all) or more", topK);
    check(topP > 0 && topP <= 1, "top_p is over 0 and at most 1", topP);
    check(
        !doSample || numBeams == 1,
        "do_sample needs num_beams 1: sampling from beams is not offered",
        numBeams);
    check(
        stopStrings.stream().noneMatch(String::isEmpty), "a stop string is not empty", stopStrings);
  }

  private static boolean positive(double value) {
    return value > 0 && Double.isFinite(value);
  }

  private static void check(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ", not " + value);
    }
  }

  /** Greedy search for at most 64 tokens. */
  public static GenerationConfig greedy() {
    return builder().build();
  }

  /** Beam search. */
  public static GenerationConfig beams(int numBeams) {
    return builder().numBeams(numBeams).build();
  }

  /** The same with another limit. */
  public GenerationConfig withMaxNewTokens(int value) {
    return new GenerationConfig(
        value,
        minNewTokens,
        numBeams,
        lengthPenalty,
        earlyStopping,
        noRepeatNgramSize,
        repetitionPenalty,
        doSample,
        temperature,
        topK,
        topP,
        seed,
        stopStrings);
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Sets what differs from the defaults; {@link #build} checks all of it. */
  public static final class Builder {
    private int maxNewTokens = 64;
    private int minNewTokens;
    private int numBeams = 1;
    private double lengthPenalty = 1;
    private EarlyStopping earlyStopping = EarlyStopping.FALSE;
    private int noRepeatNgramSize;
    private double repetitionPenalty = 1;
    private boolean doSample;
    private double temperature = 1;
    private int topK = 50;
    private double topP = 1;
    private long seed;
    private List<String> stopStrings = List.of();

    private Builder() {}

    public Builder maxNewTokens(int value) {
      maxNewTokens = value;
      return this;
    }

    public Builder minNewTokens(int value) {
      minNewTokens = value;
      return this;
    }

    public Builder numBeams(int value) {
      numBeams = value;
      return this;
    }

    public Builder lengthPenalty(double value) {
      lengthPenalty = value;
      return this;
    }

    public Builder earlyStopping(EarlyStopping value) {
      earlyStopping = value;
      return this;
    }

    public Builder noRepeatNgramSize(int value) {
      noRepeatNgramSize = value;
      return this;
    }

    public Builder repetitionPenalty(double value) {
      repetitionPenalty = value;
      return this;
    }

    public Builder doSample(boolean value) {
      doSample = value;
      return this;
    }

    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    public Builder topK(int value) {
      topK = value;
      return this;
    }

    public Builder topP(double value) {
      topP = value;
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    public Builder stopStrings(List<String> value) {
      stopStrings = value;
      return this;
    }

    public GenerationConfig build() {
      return new GenerationConfig(
          maxNewTokens,
          minNewTokens,
          numBeams,
          lengthPenalty,
          earlyStopping,
          noRepeatNgramSize,
          repetitionPenalty,
          doSample,
          temperature,
          topK,
          topP,
          seed,
          stopStrings);
    }
  }
}
