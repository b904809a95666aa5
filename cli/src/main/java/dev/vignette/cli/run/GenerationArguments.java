package dev.vignette.cli.run;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.GenerationConfig.EarlyStopping;
import dev.vignette.decoding.GenerationOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/**
 * The command-line options of generation, with Hugging Face's names and defaults: a picocli mix-in.
 */
public final class GenerationArguments {

  /** What was given or is the default; nothing for a flag that was not given. */
  private final Map<GenerationOption<?>, Object> values = new HashMap<>();

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** Declares the options, which picocli gives their values. */
  @Spec(Spec.Target.SELF)
  void declare(CommandSpec mixin) {
    for (GenerationOption<?> option : GenerationOption.ALL) {
      mixin.addOption(spec(option));
    }
  }

  private OptionSpec spec(GenerationOption<?> option) {
    Keeping kept = new Keeping(option);
    OptionSpec.Builder spec =
        OptionSpec.builder(option.flag()).description(option.help()).getter(kept).setter(kept);
    switch (option.byDefault()) {
      case Boolean _ -> spec.type(boolean.class);
      case List<?> none -> spec.type(List.class).auxiliaryTypes(String.class).initialValue(none);
      case Integer number -> spec.type(int.class).defaultValue(number.toString());
      case Long number -> spec.type(long.class).defaultValue(number.toString());
      case Double number -> spec.type(double.class).defaultValue(number.toString());
      case EarlyStopping ending ->
          spec.type(String.class).defaultValue(ending.toString()).preprocessor(new TrueByDefault());
      default -> throw new IllegalStateException("no command line has " + option.byDefault());
    }
    return option.label().isEmpty() ? spec.build() : spec.paramLabel(option.label()).build();
  }

  /** Keeps the value of an option. */
  private final class Keeping implements ISetter, IGetter {
    private final GenerationOption<?> option;

    Keeping(GenerationOption<?> option) {
      this.option = option;
    }

    @Override
    @SuppressWarnings("unchecked") // picocli says of what type it is
    public <T> @Nullable T get() {
      return (T) values.get(option);
    }

    @Override
    public <T> @Nullable T set(@Nullable T value) {
      T before = get();
      if (value == null) {
        values.remove(option);
      } else {
        values.put(option, value);
      }
      return before;
    }
  }

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
    GenerationConfig config = config();
    sayWhatDoesNothing(config);
    return config;
  }

  /**
   * The configuration that a given caption is read by: it says how long that may be, and nothing
   * ends it. Says on the standard error which options do nothing.
   *
   * @param given the option that gives the caption
   * @throws IllegalArgumentException if a value is out of its range
   */
  public GenerationConfig toConfigOf(String given) {
    GenerationConfig config = config();
    if (command != null) {
      CommandLine line = command.commandLine();
      List<String> idle =
          GenerationOption.ALL.stream()
              .filter(option -> option != GenerationOption.MAX_NEW_TOKENS)
              .map(GenerationOption::flag)
              .filter(line.getParseResult()::hasMatchedOption)
              .toList();
      say(line, idle, "with " + given);
    }
    return GenerationConfig.builder().maxNewTokens(config.maxNewTokens()).build();
  }

  private GenerationConfig config() {
    GenerationConfig.Builder builder = GenerationConfig.builder();
    try {
      GenerationOption.ALL.forEach(option -> set(option, builder));
      return builder.build();
    } catch (IllegalArgumentException failure) {
      throw new IllegalArgumentException(byFlags(String.valueOf(failure.getMessage())), failure);
    }
  }

  /** A sentence that calls the options as the command line does. */
  private static String byFlags(String sentence) {
    String said = sentence;
    for (GenerationOption<?> option : GenerationOption.ALL) {
      boolean isPlainWord = option.name().indexOf('_') < 0;
      said = said.replaceAll((isPlainWord ? "^" : "\\b") + option.name() + "\\b", option.flag());
    }
    return said;
  }

  private <T> void set(GenerationOption<T> option, GenerationConfig.Builder builder) {
    T usual = option.byDefault();
    Object value = values.getOrDefault(option, usual);
    if (value instanceof String text && !(usual instanceof String)) {
      builder.set(option, option.parse(text));
    } else {
      // picocli made it of the default's type, see spec()
      @SuppressWarnings("unchecked")
      T same = (T) value;
      builder.set(option, same);
    }
  }

  private void sayWhatDoesNothing(GenerationConfig config) {
    if (command == null || command.commandLine().getParseResult().hasMatchedOption("--quiet")) {
      return;
    }
    CommandLine line = command.commandLine();
    if (!config.doSample()) {
      sayUnused(
          line,
          List.of(
              GenerationOption.TEMPERATURE,
              GenerationOption.TOP_K,
              GenerationOption.TOP_P,
              GenerationOption.SEED),
          GenerationOption.DO_SAMPLE);
    }
    if (config.numBeams() == 1) {
      sayUnused(
          line,
          List.of(GenerationOption.LENGTH_PENALTY, GenerationOption.EARLY_STOPPING),
          GenerationOption.NUM_BEAMS);
    }
  }

  private static void sayUnused(
      CommandLine line, List<GenerationOption<?>> options, GenerationOption<?> without) {
    List<String> given =
        options.stream()
            .map(GenerationOption::flag)
            .filter(line.getParseResult()::hasMatchedOption)
            .toList();
    say(line, given, "without " + without.flag());
  }

  private static void say(CommandLine line, List<String> idle, String why) {
    if (!idle.isEmpty()) {
      line.getErr()
          .printf(
              "note: %s %s %s nothing%n",
              why, String.join(", ", idle), idle.size() == 1 ? "does" : "do");
      line.getErr().flush();
    }
  }
}
