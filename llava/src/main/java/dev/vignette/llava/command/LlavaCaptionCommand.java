package dev.vignette.llava.command;

import dev.vignette.captions.RgbImage;
import dev.vignette.captions.batch.BatchOptions;
import dev.vignette.captions.batch.BatchPlan;
import dev.vignette.captions.batch.InterruptGuard;
import dev.vignette.captions.batch.RunResult;
import dev.vignette.captions.decoding.GenerationArguments;
import dev.vignette.captions.decoding.GenerationConfig;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llava.InstructedCaptioner;
import dev.vignette.llava.LlavaCaptioner;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code vignette llava caption}: one image or ten thousand, by an instruction. */
@Command(
    name = "caption",
    description = "Captions images by an instruction; one caption is printed, many go to a file.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vignette llava caption photo.jpg",
      "  vignette llava caption photos/ --output captions.json --details",
      "  vignette llava caption 'photos/**/*.jpg' --sidecars --num-beams 5 --max-new-tokens 20"
    })
final class LlavaCaptionCommand implements Callable<Integer> {

  @Mixin private BatchOptions batch = new BatchOptions();
  @Mixin private PromptArguments prompt = new PromptArguments();
  @Mixin private ModelArguments model = new ModelArguments();
  @Mixin private GenerationArguments generation = new GenerationArguments();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    GenerationConfig config = generation.toConfig();
    String instruction = prompt.instruction();
    BatchPlan plan = batch.plan(System.in, command.getOut());
    try (LlavaCaptioner captioner = LlavaCaptioner.open(model.toOptions(config))) {
      model.report(command.getErr());
      return plan.isOnePrintedImage()
          ? captionOne(plan, captioner, instruction, config, command.getOut())
          : captionAll(
              plan, new InstructedCaptioner(captioner, instruction, config), command.getErr());
    }
  }

  /**
   * One image for a person who waits: nothing is kept, so nothing is hashed, prefetched or guarded.
   */
  private static int captionOne(
      BatchPlan plan,
      LlavaCaptioner captioner,
      String instruction,
      GenerationConfig config,
      PrintWriter out) {
    Path file = plan.inputs().images().getFirst().path();
    RgbImage image = captioner.prepare(RgbImage.read(file, plan.settings().reading()));
    if (TerminalStream.isWanted()) {
      captioner.encode(image).caption(instruction, config, new TerminalStream(out));
      out.println();
    } else {
      out.println(captioner.encode(image).caption(instruction, config).text());
    }
    out.flush();
    return 0;
  }

  private static int captionAll(BatchPlan plan, InstructedCaptioner captioner, PrintWriter err) {
    try (InterruptGuard guard = InterruptGuard.install(err)) {
      long nativeBefore = LlamaRuntime.nativeNanos();
      RunResult result = plan.run(captioner, guard.stopSignal(), err);
      if (result.captioned() > 1 && !plan.quiet()) {
        err.println(
            TimingLine.of(result, LlamaRuntime.nativeNanos() - nativeBefore, captioner.totals()));
        err.flush();
      }
      return result.exitCode();
    }
  }
}
