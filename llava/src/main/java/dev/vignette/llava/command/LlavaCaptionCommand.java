package dev.vignette.llava.command;

import dev.vignette.captions.RgbImage;
import dev.vignette.captions.decoding.GenerationArguments;
import dev.vignette.captions.decoding.GenerationConfig;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.LlavaCaptioner;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vignette llava caption}. */
@Command(name = "caption", mixinStandardHelpOptions = true)
final class LlavaCaptionCommand implements Callable<Integer> {
  @Parameters private Path image = Path.of("");
  @Mixin private ModelArguments model = new ModelArguments();
  @Mixin private GenerationArguments generation = new GenerationArguments();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    GenerationConfig config = generation.toConfig();
    try (LlavaCaptioner captioner = LlavaCaptioner.open(model.toOptions(config))) {
      Objects.requireNonNull(spec)
          .commandLine()
          .getOut()
          .println(
              captioner
                  .caption(RgbImage.read(image), EmbeddedModel.DEFAULT_INSTRUCTION, config)
                  .text());
    }
    return 0;
  }
}
