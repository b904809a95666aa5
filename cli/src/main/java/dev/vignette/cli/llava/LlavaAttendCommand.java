package dev.vignette.cli.llava;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.AttentionSelection;
import dev.vignette.attention.AttentionTrace;
import dev.vignette.cli.attend.AttendArguments;
import dev.vignette.cli.run.GenerationArguments;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.RgbImage;
import dev.vignette.llava.AttendingLlava;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vignette llava attend}: what each word of a caption looked at. */
@Command(
    name = "attend",
    description =
        "Captions a picture and shows what each word looked at: a page, a figure, the numbers.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vignette llava attend photo.jpg",
      "  vignette llava attend photo.jpg --layers 14-20 --heads all -o maps/",
      "  vignette llava attend photo.jpg --caption 'A dog on a sofa.' --view contrast"
    })
final class LlavaAttendCommand implements Callable<Integer> {

  @Mixin private AttendArguments arguments = new AttendArguments();
  @Mixin private PromptArguments prompt = new PromptArguments();

  @Option(
      names = "--generic",
      paramLabel = "TEXT",
      defaultValue = "Write a general description of the image.",
      description =
          "The instruction that --view contrast compares with (default: ${DEFAULT-VALUE}).")
  private String generic = "";

  @Mixin private ModelArguments model = new ModelArguments();
  @Mixin private GenerationArguments generation = new GenerationArguments();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    GenerationConfig config = arguments.config(generation);
    String instruction = prompt.instruction();
    RgbImage image = arguments.read(AttendArguments.USUAL);
    try (AttendingLlava llava = AttendingLlava.open(model.toOptions(config), instruction, config)) {
      model.report(command.getErr());
      AttentionSelection selection = arguments.selection(llava.defaultAttention());
      AttendedCaption attended = llava.attend(image, arguments.caption(), selection);
      arguments.write(
          attended,
          image,
          llava,
          settings(instruction),
          contrast(llava, image, attended, selection),
          command.getOut());
    }
    return 0;
  }

  private Map<String, String> settings(String instruction) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("instruction", instruction);
    if (arguments.wantsContrast()) {
      settings.put("generic instruction", generic);
    }
    return settings;
  }

  /** The same caption, read after the generic instruction. */
  private Optional<AttentionTrace> contrast(
      AttendingLlava llava,
      RgbImage image,
      AttendedCaption attended,
      AttentionSelection selection) {
    if (!arguments.wantsContrast()) {
      return Optional.empty();
    }
    return Optional.of(
        llava.attend(image, generic, Optional.of(attended.caption()), selection).trace());
  }
}
