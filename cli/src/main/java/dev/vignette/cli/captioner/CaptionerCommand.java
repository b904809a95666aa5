package dev.vignette.cli.captioner;

import picocli.CommandLine.Command;

/** {@code vignette captioner}: a ViT and GPT-2 captioner, trained with LoRA. */
@Command(
    name = "captioner",
    description = "Trains and runs a ViT and GPT-2 captioner with low-rank adapters.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TrainCommand.class,
      CaptionerCaptionCommand.class,
      CaptionerCompareCommand.class,
      CaptionerAttendCommand.class,
      ParametersCommand.class,
      MergeCommand.class,
      ImportCommand.class
    })
public final class CaptionerCommand {}
