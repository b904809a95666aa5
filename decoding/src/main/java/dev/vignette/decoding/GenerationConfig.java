package dev.vignette.decoding;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

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
    List<String> stopStrings)
    implements Serializable {

  /** More beams than this are refused: a prompt has as many sequences of llama.cpp's 256. */
  public static final int MAX_BEAMS = 64;

  /** More new tokens than this are refused: no model that captions has as many positions. */
  public static final int MAX_NEW_TOKENS = 1 << 20;

  public GenerationConfig {
    stopStrings = GenerationOption.STOP_STRINGS.require(List.copyOf(stopStrings));
    GenerationOption.MAX_NEW_TOKENS.require(maxNewTokens);
    check(
        maxNewTokens <= MAX_NEW_TOKENS,
        "max_new_tokens is at most " + MAX_NEW_TOKENS,
        maxNewTokens);
    check(
        minNewTokens >= 0 && minNewTokens <= maxNewTokens,
        "min_new_tokens is 0 to max_new_tokens (" + maxNewTokens + ")",
        minNewTokens);
    GenerationOption.NUM_BEAMS.require(numBeams);
    GenerationOption.LENGTH_PENALTY.require(lengthPenalty);
    GenerationOption.NO_REPEAT_NGRAM_SIZE.require(noRepeatNgramSize);
    GenerationOption.REPETITION_PENALTY.require(repetitionPenalty);
    GenerationOption.TEMPERATURE.require(temperature);
    GenerationOption.TOP_K.require(topK);
    GenerationOption.TOP_P.require(topP);
    check(
        !doSample || numBeams == 1,
        "do_sample needs num_beams 1: sampling from beams is not offered",
        numBeams);
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
    Builder builder = builder();
    GenerationOption.ALL.forEach(option -> builder.take(option, this));
    return builder.maxNewTokens(value).build();
  }

  /** By name: the two options that always matter, and those that are not at their defaults. */
  public SequencedMap<String, String> described() {
    SequencedMap<String, String> options = new LinkedHashMap<>();
    options.put(GenerationOption.NUM_BEAMS.name(), String.valueOf(numBeams));
    options.put(GenerationOption.MAX_NEW_TOKENS.name(), String.valueOf(maxNewTokens));
    for (GenerationOption<?> option : GenerationOption.ALL) {
      if (!option.of(this).equals(option.byDefault())) {
        options.put(option.name(), String.valueOf(option.of(this)));
      }
    }
    return options;
  }

  /** {@link #described} in a line: {@code num_beams 5, max_new_tokens 20}. */
  public String summary() {
    return described().entrySet().stream()
        .map(option -> option.getKey() + " " + option.getValue())
        .collect(Collectors.joining(", "));
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Sets what differs from the defaults; {@link #build} checks all of it. */
  public static final class Builder {
    private final Map<GenerationOption<?>, Object> values = new HashMap<>();

    private Builder() {}

    /** Sets an option. */
    public <T> Builder set(GenerationOption<T> option, T value) {
      values.put(option, value);
      return this;
    }

    private <T> void take(GenerationOption<T> option, GenerationConfig from) {
      set(option, option.of(from));
    }

    @SuppressWarnings("unchecked") // set() has the type of the option
    private <T> T get(GenerationOption<T> option) {
      return (T) values.getOrDefault(option, option.byDefault());
    }

    public Builder maxNewTokens(int value) {
      return set(GenerationOption.MAX_NEW_TOKENS, value);
    }

    public Builder minNewTokens(int value) {
      return set(GenerationOption.MIN_NEW_TOKENS, value);
    }

    public Builder numBeams(int value) {
      return set(GenerationOption.NUM_BEAMS, value);
    }

    public Builder lengthPenalty(double value) {
      return set(GenerationOption.LENGTH_PENALTY, value);
    }

    public Builder earlyStopping(EarlyStopping value) {
      return set(GenerationOption.EARLY_STOPPING, value);
    }

    public Builder noRepeatNgramSize(int value) {
      return set(GenerationOption.NO_REPEAT_NGRAM_SIZE, value);
    }

    public Builder repetitionPenalty(double value) {
      return set(GenerationOption.REPETITION_PENALTY, value);
    }

    public Builder doSample(boolean value) {
      return set(GenerationOption.DO_SAMPLE, value);
    }

    public Builder temperature(double value) {
      return set(GenerationOption.TEMPERATURE, value);
    }

    public Builder topK(int value) {
      return set(GenerationOption.TOP_K, value);
    }

    public Builder topP(double value) {
      return set(GenerationOption.TOP_P, value);
    }

    public Builder seed(long value) {
      return set(GenerationOption.SEED, value);
    }

    public Builder stopStrings(List<String> value) {
      return set(GenerationOption.STOP_STRINGS, value);
    }

    public GenerationConfig build() {
      return new GenerationConfig(
          get(GenerationOption.MAX_NEW_TOKENS),
          get(GenerationOption.MIN_NEW_TOKENS),
          get(GenerationOption.NUM_BEAMS),
          get(GenerationOption.LENGTH_PENALTY),
          get(GenerationOption.EARLY_STOPPING),
          get(GenerationOption.NO_REPEAT_NGRAM_SIZE),
          get(GenerationOption.REPETITION_PENALTY),
          get(GenerationOption.DO_SAMPLE),
          get(GenerationOption.TEMPERATURE),
          get(GenerationOption.TOP_K),
          get(GenerationOption.TOP_P),
          get(GenerationOption.SEED),
          get(GenerationOption.STOP_STRINGS));
    }
  }

  /** When beam search ends, as Hugging Face's {@code early_stopping}. */
  public enum EarlyStopping {
    /**
     * Ends when the best running beam, at its present length, cannot beat the worst finished one.
     */
    FALSE,
    /** Ends as soon as there are as many finished candidates as beams. */
    TRUE,
    /** Ends only when no running beam could beat the worst finished one at any length. */
    NEVER;

    /**
     * Reads {@code true}, {@code false} or {@code never}.
     *
     * @throws IllegalArgumentException if it is none of them
     */
    public static EarlyStopping parse(String text) {
      try {
        return valueOf(text.strip().toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "early_stopping is true, false or never, not '" + text + "'", e);
      }
    }

    /** Whether {@link #parse} reads {@code text}. */
    public static boolean isOne(String text) {
      return Arrays.stream(values()).anyMatch(one -> one.toString().equalsIgnoreCase(text.strip()));
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
