package dev.vignette.decoding;

import dev.vignette.decoding.GenerationConfig.EarlyStopping;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * An option of generation: the one place that says its name, default, range and meaning. The
 * command line, YAML files and {@link GenerationConfig} go by it.
 *
 * @param <T> what its value is
 */
public final class GenerationOption<T> {

  public static final GenerationOption<Integer> MAX_NEW_TOKENS =
      whole(
          "max_new_tokens",
          64,
          1,
          "The most tokens a caption may have (default: %s).",
          GenerationConfig::maxNewTokens);

  public static final GenerationOption<Integer> MIN_NEW_TOKENS =
      whole(
          "min_new_tokens",
          0,
          0,
          "Tokens before the caption may end (default: %s).",
          GenerationConfig::minNewTokens);

  public static final GenerationOption<Integer> NUM_BEAMS =
      new GenerationOption<>(
          new Name("num_beams", "--num-beams", "N"),
          1,
          new Range<>(
              "1 to " + GenerationConfig.MAX_BEAMS,
              "a whole number from 1 to " + GenerationConfig.MAX_BEAMS,
              n -> n >= 1 && n <= GenerationConfig.MAX_BEAMS),
          Integer::valueOf,
          "Beams of the search; 1 is greedy (default: %s).",
          GenerationConfig::numBeams);

  public static final GenerationOption<Double> LENGTH_PENALTY =
      number(
          "length_penalty",
          "X",
          new Range<>("a finite number", "a finite number", Double::isFinite),
          "With beams: over 0 favours longer captions, under 0 shorter (default: %s).",
          GenerationConfig::lengthPenalty);

  public static final GenerationOption<EarlyStopping> EARLY_STOPPING =
      new GenerationOption<>(
          new Name("early_stopping", "--early-stopping", "true|false|never"),
          EarlyStopping.FALSE,
          new Range<>("true, false or never", "true, false or never", _ -> true),
          EarlyStopping::parse,
          "With beams: when the search ends; without a value true (default: %s).",
          GenerationConfig::earlyStopping);

  public static final GenerationOption<Integer> NO_REPEAT_NGRAM_SIZE =
      whole(
          "no_repeat_ngram_size",
          0,
          0,
          "No N words in a row twice, prompt included; 0 for no such rule.",
          GenerationConfig::noRepeatNgramSize);

  public static final GenerationOption<Double> REPETITION_PENALTY =
      number(
          "repetition_penalty",
          "X",
          Range.POSITIVE,
          "Over 1: tokens that occurred are less likely (default: %s).",
          GenerationConfig::repetitionPenalty);

  public static final GenerationOption<Boolean> DO_SAMPLE =
      new GenerationOption<>(
          new Name("do_sample", "--do-sample", ""),
          false,
          new Range<>("true or false", "true, false, on or off", _ -> true),
          GenerationOption::parseFlag,
          "Draw tokens by chance instead of taking the likeliest.",
          GenerationConfig::doSample);

  public static final GenerationOption<Double> TEMPERATURE =
      number(
          "temperature",
          "X",
          Range.POSITIVE,
          "When sampling: under 1 is bolder, over 1 wilder (default: %s).",
          GenerationConfig::temperature);

  public static final GenerationOption<Integer> TOP_K =
      whole(
          "top_k",
          50,
          0,
          "When sampling: only the N likeliest tokens; 0 for all (default: %s).",
          GenerationConfig::topK);

  public static final GenerationOption<Double> TOP_P =
      number(
          "top_p",
          "P",
          new Range<>(
              "over 0 and at most 1", "a number over 0 and at most 1", p -> p > 0 && p <= 1),
          "When sampling: only the likeliest tokens that make up P (default: %s).",
          GenerationConfig::topP);

  public static final GenerationOption<Long> SEED =
      new GenerationOption<>(
          new Name("seed", "--seed", "N"),
          0L,
          new Range<>("a whole number", "a whole number", _ -> true),
          Long::valueOf,
          "When sampling: the same seed gives the same captions.",
          GenerationConfig::seed);

  public static final GenerationOption<List<String>> STOP_STRINGS =
      new GenerationOption<>(
          new Name("stop_strings", "--stop", "TEXT"),
          List.of(),
          new Range<>(
              "a list of texts that are not empty",
              "a list of texts that are not empty",
              texts -> texts.stream().noneMatch(String::isEmpty)),
          List::of,
          "End the caption where this text appears; may be given several times.",
          GenerationConfig::stopStrings);

  /** All options, in the order in which people are told of them. */
  public static final List<GenerationOption<?>> ALL =
      List.of(
          MAX_NEW_TOKENS,
          MIN_NEW_TOKENS,
          NUM_BEAMS,
          LENGTH_PENALTY,
          EARLY_STOPPING,
          NO_REPEAT_NGRAM_SIZE,
          REPETITION_PENALTY,
          DO_SAMPLE,
          TEMPERATURE,
          TOP_K,
          TOP_P,
          SEED,
          STOP_STRINGS);

  private final Name name;
  private final T byDefault;
  private final Range<T> range;
  private final Function<String, T> parse;
  private final String help;
  private final Function<GenerationConfig, T> get;

  /** Hugging Face's name, that of the command line, and what stands there for the value. */
  private record Name(String name, String flag, String label) {}

  /** What a value is, as it ends "top_p is …" and "it must be …". */
  private record Range<T>(String is, String must, Predicate<T> test) {
    static final Range<Double> POSITIVE =
        new Range<>(
            "a finite number over 0", "a finite number over 0", x -> x > 0 && Double.isFinite(x));
  }

  private GenerationOption(
      Name name,
      T byDefault,
      Range<T> range,
      Function<String, T> parse,
      String help,
      Function<GenerationConfig, T> get) {
    this.name = name;
    this.byDefault = byDefault;
    this.range = range;
    this.parse = parse;
    this.help = help;
    this.get = get;
  }

  private static GenerationOption<Integer> whole(
      String name, int byDefault, int least, String help, Function<GenerationConfig, Integer> get) {
    Range<Integer> range =
        new Range<>(least + " or more", "a whole number >= " + least, n -> n >= least);
    return new GenerationOption<>(
        new Name(name, flagOf(name), "N"), byDefault, range, Integer::valueOf, help, get);
  }

  /** A number that is 1 by default: that changes nothing. */
  private static GenerationOption<Double> number(
      String name,
      String label,
      Range<Double> range,
      String help,
      Function<GenerationConfig, Double> get) {
    return new GenerationOption<>(
        new Name(name, flagOf(name), label), 1.0, range, Double::valueOf, help, get);
  }

  private static String flagOf(String name) {
    return "--" + name.replace('_', '-');
  }

  private static boolean parseFlag(String text) {
    return switch (text) {
      case "true", "on", "yes" -> true;
      case "false", "off", "no" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  /** Hugging Face's name, such as {@code num_beams}. */
  public String name() {
    return name.name();
  }

  /** Its name on the command line, such as {@code --num-beams}. */
  public String flag() {
    return name.flag();
  }

  /** What stands for the value in the command line's help, such as {@code N}. */
  public String label() {
    return name.label();
  }

  public T byDefault() {
    return byDefault;
  }

  /** What a value must be, such as {@code a finite number over 0}. */
  public String allowed() {
    return range.must();
  }

  /** A sentence on what it does. */
  public String help() {
    return help.formatted(byDefault);
  }

  /** Its value in a configuration. */
  public T of(GenerationConfig config) {
    return get.apply(config);
  }

  /**
   * Reads a value; a list has one item.
   *
   * @throws IllegalArgumentException if {@code text} is no value of this option
   */
  public T parse(String text) {
    return require(parse.apply(text));
  }

  /**
   * Returns {@code value} if it is in the range.
   *
   * @throws IllegalArgumentException if it is not
   */
  T require(T value) {
    if (!range.test().test(value)) {
      throw new IllegalArgumentException(name() + " is " + range.is() + ", not " + value);
    }
    return value;
  }

  @Override
  public String toString() {
    return name();
  }
}
