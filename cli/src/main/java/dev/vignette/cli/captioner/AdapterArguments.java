package dev.vignette.cli.captioner;

import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.model.Gpt2Tokenizer;
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
    AdapterFolder.Origin trained = AdapterFolder.Origin.read(adapter);
    return new AdapterFolder.Origin(
        encoder == null ? trained.encoder() : encoder,
        decoder == null ? trained.decoder() : decoder,
        decoder != null && Gpt2Tokenizer.isIn(decoder) ? decoder : trained.tokenizer(),
        trained.visualWidth());
  }
}
