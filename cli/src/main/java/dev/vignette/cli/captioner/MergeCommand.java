package dev.vignette.cli.captioner;

import dev.vignette.captioner.AdapterMerge;
import dev.vignette.files.sentences.FailureText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vignette captioner merge}: an adapter and its GPT-2 become plain GPT-2. */
@Command(
    name = "merge",
    description = {
      "Adds an adapter to its GPT-2 and writes plain GPT-2 files, the head with a weight of its"
          + " own.",
      "The projection of visual rows is copied beside them."
    },
    mixinStandardHelpOptions = true)
final class MergeCommand implements Callable<Integer> {
  @Mixin private AdapterArguments adapter = new AdapterArguments();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description = "Where the files go: a folder that holds no other model.")
  private Path output = Path.of("merged");

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    AdapterMerge.merge(adapter.adapter(), adapter.origin(), output)
        .forEach(warning -> err.println("Warning: " + FailureText.printable(warning)));
    err.println("Merged into " + output);
    return 0;
  }
}
