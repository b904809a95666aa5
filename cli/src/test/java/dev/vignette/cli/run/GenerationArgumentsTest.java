package dev.vignette.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.GenerationConfig.EarlyStopping;
import dev.vignette.decoding.GenerationOption;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

class GenerationArgumentsTest {
  private final StringWriter said = new StringWriter();

  /** A command with the options, and images. */
  @Command
  static final class Captions implements Runnable {
    @Mixin private GenerationArguments generation = new GenerationArguments();
    @Parameters private List<String> images = new ArrayList<>();

    @Option(names = "--quiet")
    private boolean quiet;

    private GenerationConfig config = GenerationConfig.greedy();

    @Override
    public void run() {
      config = generation.toConfig();
    }
  }

  private Captions parse(String... arguments) {
    Captions captions = new Captions();
    int code = new CommandLine(captions).setErr(new PrintWriter(said, true)).execute(arguments);
    assertThat(code).as(said.toString()).isZero();
    return captions;
  }

  @Test
  void earlyStoppingWithoutAValueIsTrue() {
    Captions before = parse("--num-beams", "3", "--early-stopping", "dog.jpg");
    assertThat(before.config.earlyStopping()).isEqualTo(EarlyStopping.TRUE);
    assertThat(before.images).containsExactly("dog.jpg");
    assertThat(parse("dog.jpg", "--num-beams=3", "--early-stopping").config.earlyStopping())
        .isEqualTo(EarlyStopping.TRUE);
    assertThat(parse("--early-stopping", "--num-beams", "3", "dog.jpg").config.earlyStopping())
        .isEqualTo(EarlyStopping.TRUE);
  }

  @Test
  void earlyStoppingWithAValueIsThat() {
    assertThat(parse("--num-beams=3", "--early-stopping", "never").config.earlyStopping())
        .isEqualTo(EarlyStopping.NEVER);
    assertThat(parse("--num-beams=3", "--early-stopping=False").config.earlyStopping())
        .isEqualTo(EarlyStopping.FALSE);
    assertThat(parse("--num-beams=3").config.earlyStopping()).isEqualTo(EarlyStopping.FALSE);
    int code =
        new CommandLine(new Captions())
            .setErr(new PrintWriter(said, true))
            .setExecutionExceptionHandler((failure, _, _) -> ("" + failure.getMessage()).length())
            .execute("--early-stopping=maybe");
    assertThat(code).isNotZero();
  }

  @Test
  void everyOptionReachesTheConfiguration() {
    List<String> arguments = new ArrayList<>();
    for (GenerationOption<?> option : GenerationOption.ALL) {
      switch (option.byDefault()) {
        case Boolean _ -> arguments.add(option.flag());
        case EarlyStopping _ -> arguments.add(option.flag() + "=never");
        case Double _ -> arguments.add(option.flag() + "=0.5");
        case List<?> _ -> arguments.addAll(List.of(option.flag(), "a", option.flag() + "=b"));
        default -> arguments.add(option.flag() + "=1");
      }
    }
    GenerationConfig config = parse(arguments.toArray(String[]::new)).config;
    assertThat(config)
        .isEqualTo(
            new GenerationConfig(
                1,
                1,
                1,
                0.5,
                EarlyStopping.NEVER,
                1,
                0.5,
                true,
                0.5,
                1,
                0.5,
                1,
                List.of("a", "b")));
    assertThat(parse().config).isEqualTo(GenerationConfig.greedy());
  }

  @Test
  void whatDoesNothingIsSaidUnlessItDoesSomething() {
    parse("--do-sample", "--temperature", "0.5", "--seed=1");
    parse("--num-beams", "3", "--length-penalty", "2");
    parse();
    parse("--quiet", "--temperature", "0.5");
    assertThat(said.toString()).isEmpty();
    parse("--temperature", "0.5");
    assertThat(said.toString()).contains("without --do-sample --temperature does nothing");
  }
}
