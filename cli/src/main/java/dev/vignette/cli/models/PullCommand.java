package dev.vignette.cli.models;

import dev.vignette.hub.Hub;
import dev.vignette.hub.Hub.PullPlan;
import dev.vignette.hub.HubSettings;
import dev.vignette.hub.ModelReference;
import dev.vignette.hub.Repository;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vignette pull}: a model of the hub into the cache. */
@Command(
    name = "pull",
    description = {
      "Downloads a model of Hugging Face's hub into the cache that its Python client shares, and"
          + " prints the folder.",
      "Stopped or killed, it goes on where it was; every file's hash is checked."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Without FILES: of a GGUF repository one language model (:TYPE, else Q4_K_M or the nearest"
          + " there is) and its projector,",
      "chosen by their headers; of others the weights once, safetensors before .bin, with"
          + " configuration and tokenizer.",
      "",
      "Variables: HF_TOKEN, HF_ENDPOINT (a mirror), HF_HOME or HF_HUB_CACHE (where the cache is),"
          + " HTTPS_PROXY, NO_PROXY.",
      "",
      "Examples:",
      "  vignette pull mys/ggml_llava-v1.5-7b",
      "  vignette pull openai-community/gpt2",
      "  vignette pull openai/clip-vit-base-patch32 '*.json' pytorch_model.bin"
    })
public final class PullCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "NAME[@REVISION][:TYPE]",
      description = "The model's name on the hub; a branch, tag or commit; a quantization.")
  private String name = "";

  @Parameters(
      index = "1..*",
      paramLabel = "FILES",
      description = "Files of the repository, or patterns such as '*.json'.")
  private List<String> patterns = new ArrayList<>();

  @Option(names = "--all", description = "Download all files of the repository.")
  private boolean all;

  @Option(names = "--dry-run", description = "Say what would be downloaded, and end.")
  private boolean dryRun;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    PrintWriter err = command.getErr();
    ModelReference reference = ModelReference.parse(name);
    Path home = Path.of(System.getProperty("user.home"));
    HubSettings settings = HubSettings.of(System.getenv(), home);
    Path conversions = ConvertedLlava.usualFolder(System.getenv(), home);
    try (Hub hub = new Hub(settings);
        DownloadProgress progress = new DownloadProgress(err)) {
      ModelFinder finder = new ModelFinder(hub, conversions, progress, err);
      if (settings.offline() && all) {
        throw new IOException(
            "The network is not asked (HF_HUB_OFFLINE), and only the hub knows all files of %s: leave out --all, or run once without"
                .formatted(reference));
      }
      if (settings.offline()) {
        err.println(
            "The network is not asked (HF_HUB_OFFLINE): whether the hub has newer files is not known");
        print(finder.kept(reference, patterns), command);
        return 0;
      }
      Repository repository = hub.repository(reference, progress);
      List<String> files = files(repository, finder);
      PullPlan plan = hub.plan(repository, files, progress);
      finder.announce(plan);
      if (!dryRun) {
        print(hub.pull(plan, progress), command);
      }
    }
    return 0;
  }

  private static void print(Path snapshot, CommandLine command) {
    command.getOut().println(snapshot);
    command.getOut().flush();
  }

  private List<String> files(Repository repository, ModelFinder finder) throws IOException {
    if (all) {
      return repository.files();
    }
    return patterns.isEmpty()
        ? finder.usualFiles(repository)
        : PublishedFiles.matching(repository.files(), patterns);
  }
}
