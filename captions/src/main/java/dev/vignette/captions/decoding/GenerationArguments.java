package dev.vignette.captions.decoding;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/**
 * The command-line options of generation, with Hugging Face's names and defaults: a picocli mix-in.
 */
public final class GenerationArguments {

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "The most tokens a caption may have (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(
      names = "--min-new-tokens",
      paramLabel = "N",
      defaultValue = "0",
      description = "Tokens before the caption may end (default: ${DEFAULT-VALUE}).")
  private int minNewTokens;

  @Option(
      names = "--num-beams",
      paramLabel = "N",
      defaultValue = "1",
      description = "Beams of the search; 1 is greedy (default: ${DEFAULT-VALUE}).")
  private int numBeams;

  @Option(
      names = "--length-penalty",
      paramLabel = "X",
      defaultValue = "1.0",
      description =
          "With beams: over 0 favours longer captions, under 0 shorter (default: ${DEFAULT-VALUE}).")
  private double lengthPenalty;

  @Option(
      names = "--early-stopping",
      paramLabel = "true|false|never",
      defaultValue = "false",
      description = "With beams: when the search ends (default: ${DEFAULT-VALUE}).")
  private String earlyStopping = "false";

  @Option(
      names = "--no-repeat-ngram-size",
      paramLabel = "N",
      defaultValue = "0",
      description = "No N words in a row twice, prompt included; 0 for no such rule.")
  private int noRepeatNgramSize;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      defaultValue = "1.0",
      description = "Over 1: tokens that occurred are less likely (default: ${DEFAULT-VALUE}).")
  private double repetitionPenalty;

  @Option(
      names = "--do-sample",
      description = "Draw tokens by chance instead of taking the likeliest.")
  private boolean doSample;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "1.0",
      description = "When sampling: under 1 is bolder, over 1 wilder (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "50",
      description =
          "When sampling: only the N likeliest tokens; 0 for all (default: ${DEFAULT-VALUE}).")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1.0",
      description =
          "When sampling: only the likeliest tokens that make up P (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "When sampling: the same seed gives the same captions.")
  private long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End the caption where this text appears; may be given several times.")
  private List<String> stopStrings = new ArrayList<>();

  /**
   * The configuration the options ask for.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public GenerationConfig toConfig() {
    return GenerationConfig.builder()
        .maxNewTokens(maxNewTokens)
        .minNewTokens(minNewTokens)
        .numBeams(numBeams)
        .lengthPenalty(lengthPenalty)
        .earlyStopping(EarlyStopping.parse(earlyStopping))
        .noRepeatNgramSize(noRepeatNgramSize)
        .repetitionPenalty(repetitionPenalty)
        .doSample(doSample)
        .temperature(temperature)
        .topK(topK)
        .topP(topP)
        .seed(seed)
        .stopStrings(stopStrings)
        .build();
  }
}
