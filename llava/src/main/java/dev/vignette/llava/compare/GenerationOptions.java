package dev.vignette.llava.compare;

import dev.vignette.decoding.GenerationConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** A configuration by Hugging Face's names: the two that always matter, and what is not default. */
public final class GenerationOptions {
  private GenerationOptions() {}

  public static SequencedMap<String, String> of(GenerationConfig config) {
    SequencedMap<String, String> defaults = all(GenerationConfig.greedy());
    SequencedMap<String, String> options = new LinkedHashMap<>();
    all(config)
        .forEach((name, value) -> {
          boolean always = name.equals("max_new_tokens") || name.equals("num_beams");
          if (always || !value.equals(defaults.get(name))) {
            options.put(name, value);
          }
        });
    return options;
  }

  /** {@code num_beams 5, max_new_tokens 20}. */
  public static String text(GenerationConfig config) {
    return of(config).entrySet().stream()
        .map((Map.Entry<String, String> option) -> option.getKey() + " " + option.getValue())
        .collect(Collectors.joining(", "));
  }

  private static SequencedMap<String, String> all(GenerationConfig config) {
    SequencedMap<String, String> options = new LinkedHashMap<>();
    options.put("num_beams", String.valueOf(config.numBeams()));
    options.put("max_new_tokens", String.valueOf(config.maxNewTokens()));
    options.put("min_new_tokens", String.valueOf(config.minNewTokens()));
    options.put("length_penalty", String.valueOf(config.lengthPenalty()));
    options.put("early_stopping", String.valueOf(config.earlyStopping()));
    options.put("no_repeat_ngram_size", String.valueOf(config.noRepeatNgramSize()));
    options.put("repetition_penalty", String.valueOf(config.repetitionPenalty()));
    options.put("do_sample", String.valueOf(config.doSample()));
    options.put("temperature", String.valueOf(config.temperature()));
    options.put("top_k", String.valueOf(config.topK()));
    options.put("top_p", String.valueOf(config.topP()));
    options.put("seed", String.valueOf(config.seed()));
    options.put("stop_strings", String.valueOf(config.stopStrings()));
    return options;
  }
}
