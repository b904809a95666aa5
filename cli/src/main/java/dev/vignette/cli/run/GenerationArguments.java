package dev.vignette.cli.run;

import dev.vignette.decoding.EarlyStopping;
import dev.vignette.decoding.GenerationConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
      preprocessor = TrueByDefault.class,
      description =
          "With beams: when the search ends; without a value true (default: ${DEFAULT-VALUE}).")
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

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** Reads {@code --early-stopping} without a value as Hugging Face means it: true. */
  static final class TrueByDefault implements IParameterPreprocessor {
    private static final String SEPARATOR = "separator";

    @Override
    public boolean preprocess(
        Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
      boolean attached = command.parser().separator().equals(info.get(SEPARATOR));
      if (!attached && (arguments.isEmpty() || !EarlyStopping.isOne(arguments.peek()))) {
        arguments.push(EarlyStopping.TRUE.toString());
      }
      return false;
    }
  }

  /**
   * The configuration the options ask for. Says on the standard error which of them do nothing.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public GenerationConfig toConfig() {
    GenerationConfig config =
        GenerationConfig.builder()
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
    sayWhatDoesNothing(config);
    return config;
  }

  private void sayWhatDoesNothing(GenerationConfig config) {
    if (command == null || command.commandLine().getParseResult().hasMatchedOption("--quiet")) {
      return;
    }
    CommandLine line = command.commandLine();
    if (!config.doSample()) {
      sayUnused(line, List.of("--temperature", "--top-k", "--top-p", "--seed"), "--do-sample");
    }
    if (config.numBeams() == 1) {
      sayUnused(line, List.of("--length-penalty", "--early-stopping"), "--num-beams");
    }
  }

  private static void sayUnused(CommandLine line, List<String> options, String without) {
    List<String> given = options.stream().filter(line.getParseResult()::hasMatchedOption).toList();
    if (!given.isEmpty()) {
      line.getErr()
          .printf(
              "note: without %s %s %s nothing%n",
              without, String.join(", ", given), given.size() == 1 ? "does" : "do");
      line.getErr().flush();
    }
  }
}
