package dev.vignette.cli.captioner;

import dev.vignette.captioner.train.TrainConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** A run's configuration on the command line: a picocli mix-in. */
final class ConfigArguments {
  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description =
          "The run's YAML file; paths in it are relative to its folder. captioner train takes models by their names on Hugging Face's hub too.")
  private Path file = Path.of("train.yaml");

  @Option(
      names = "--set",
      paramLabel = "SECTION.NAME=VALUE",
      description = "Overrides one setting, as in --set lora.rank=16; may be given several times.")
  private List<String> overrides = new ArrayList<>();

  TrainConfig read() throws IOException {
    return TrainConfig.read(file, overrides);
  }
}
