package dev.vignette.cli.captioner;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.captioner.AttendingVitGpt2;
import dev.vignette.captioner.VitGpt2Captioner;
import dev.vignette.cli.attend.AttendArguments;
import dev.vignette.cli.run.GenerationArguments;
import dev.vignette.files.sentences.FailureText;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code vignette captioner attend}: what each word of a caption looked at. */
@Command(
    name = "attend",
    description =
        "Captions a picture and shows what each word looked at: a page, a figure, the numbers.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vignette captioner attend --adapter runs/mini/best photo.jpg",
      "  vignette captioner attend --adapter runs/mini/best photo.jpg --layers 2 --heads all -o"
          + " maps/"
    })
final class CaptionerAttendCommand implements Callable<Integer> {
  @Mixin private AttendArguments arguments = new AttendArguments();
  @Mixin private AdapterArguments adapter = new AdapterArguments();
  @Mixin private GenerationArguments generation = new GenerationArguments();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (arguments.wantsContrast()) {
      throw new IllegalArgumentException(
          "the view contrast compares two instructions, and this captioner takes none; choose raw"
              + " or relative");
    }
    RgbImage image = arguments.read(AttendArguments.USUAL.resolve("captioner"));
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    VitGpt2Captioner loaded =
        VitGpt2Captioner.load(adapter.adapter(), adapter.origin(), arguments.config(generation));
    try (AttendingVitGpt2 captioner = new AttendingVitGpt2(loaded)) {
      loaded
          .warnings()
          .forEach(
              warning -> command.getErr().println("Warning: " + FailureText.printable(warning)));
      AttendedCaption attended =
          captioner.attend(
              image, arguments.caption(), arguments.selection(captioner.defaultAttention()));
      arguments.write(
          attended,
          image,
          captioner,
          Map.of("adapter", String.valueOf(adapter.adapter())),
          Optional.empty(),
          command.getOut());
    }
    return 0;
  }
}
