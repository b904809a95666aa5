package dev.vignette.cli.llava;

import picocli.CommandLine.Command;

/** {@code vignette llava}: zero-shot captions by quantized LLaVA-1.5 or JoyCaption. */
@Command(
    name = "llava",
    description = "Captions images zero-shot with quantized LLaVA-1.5 or JoyCaption in llama.cpp.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      LlavaCaptionCommand.class,
      LlavaCompareCommand.class,
      LlavaAttendCommand.class,
      QuantizeCommand.class,
      ConvertCommand.class
    })
public final class LlavaCommand {}
