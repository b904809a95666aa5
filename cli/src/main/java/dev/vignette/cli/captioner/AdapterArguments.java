package dev.vignette.cli.captioner;

import dev.vignette.captioner.AdapterFolder;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** An adapter and what it belongs to: a picocli mix-in. */
final class AdapterArguments {
  @Option(
      names = "--adapter",
      required = true,
      paramLabel = "DIR",
      description = "The adapter, as in runs/NAME/best.")
  private Path adapter = Path.of("best");

  @Option(
      names = "--encoder",
      paramLabel = "DIR",
      description = "The folder of the timm model, if it is no longer where it was in training.")
  private @Nullable Path encoder;

  @Option(
      names = "--decoder",
      paramLabel = "DIR",
      description = "The folder of GPT-2 and its tokenizer, if it is no longer where it was.")
  private @Nullable Path decoder;

  Path adapter() {
    return adapter;
  }

  AdapterFolder.Origin origin() throws IOException {
    return AdapterFolder.Origin.read(adapter).moved(encoder, decoder);
  }
}
