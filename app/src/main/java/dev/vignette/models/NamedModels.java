package dev.vignette.models;

import dev.vignette.captioner.train.TrainConfig;
import dev.vignette.captioner.train.TrainConfigReader;
import dev.vignette.hub.Hub;
import dev.vignette.hub.HubSettings;
import dev.vignette.hub.ModelReference;
import dev.vignette.models.ModelFinder.LlavaFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * Puts files in the place of names: before a command runs, each of its options that means a model
 * and holds {@code owner/name[@revision][:type]} gets the path of that model in the cache, which is
 * downloaded if need be. A path that exists is left as it is. Commands know paths only.
 *
 * <p>The options: {@code --model} and {@code --mmproj}, {@code --clip}, and in the configuration of
 * a training run {@code encoder.model}, {@code decoder.model} and {@code validation.clip}.
 */
public final class NamedModels implements IExecutionStrategy {
  private static final String MODEL = "--model";
  private static final String PROJECTOR = "--mmproj";
  private static final String CLIP = "--clip";
  private static final String CONFIG = "--config";
  private static final String SET = "--set";
  private static final String OFFLINE = "--offline";
  private static final String TRAIN = "train";

  private final HubSettings settings;

  /** Names are looked up as the variables of the environment say. */
  public NamedModels() {
    this(HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home"))));
  }

  NamedModels(HubSettings settings) {
    this.settings = settings;
  }

  /** Gives {@code --offline} to the commands of a tree that take a model, and resolves their names. */
  public static CommandLine install(CommandLine root) {
    addOffline(root);
    return root.setExecutionStrategy(result -> new NamedModels().execute(result));
  }

  private static void addOffline(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    if (takesModel(spec) && spec.findOption(OFFLINE) == null) {
      spec.addOption(
          OptionSpec.builder(OFFLINE)
              .type(boolean.class)
              .description(
                  "Never ask the network for a model that is named: only the cache (also HF_HUB_OFFLINE=1).")
              .build());
    }
    for (Map.Entry<String, CommandLine> child : command.getSubcommands().entrySet()) {
      addOffline(child.getValue());
    }
  }

  private static boolean takesModel(CommandSpec spec) {
    return spec.findOption(PROJECTOR) != null || spec.findOption(CLIP) != null || isTraining(spec);
  }

  private static boolean isTraining(CommandSpec spec) {
    return spec.name().equals(TRAIN)
        && spec.findOption(CONFIG) != null
        && spec.findOption(SET) != null;
  }

  @Override
  public int execute(ParseResult result) {
    ParseResult last = result;
    boolean help = asksForHelp(result);
    while (last.hasSubcommand()) {
      last = last.subcommand();
      help |= asksForHelp(last);
    }
    if (!help && takesModel(last.commandSpec())) {
      CommandLine command = last.commandSpec().commandLine();
      try {
        resolve(last, command.getErr());
      } catch (IOException | RuntimeException failure) {
        throw new ExecutionException(command, String.valueOf(failure.getMessage()), failure);
      }
    }
    return new RunLast().execute(result);
  }

  private static boolean asksForHelp(ParseResult result) {
    return result.isUsageHelpRequested() || result.isVersionHelpRequested();
  }

  private void resolve(ParseResult command, PrintWriter err) throws IOException {
    boolean offline = settings.offline() || command.matchedOptionValue(OFFLINE, false);
    try (Hub hub = new Hub(settings.withOffline(offline));
        DownloadProgress progress = new DownloadProgress(err)) {
      ModelFinder finder = new ModelFinder(hub, progress, err);
      CommandSpec spec = command.commandSpec();
      if (spec.findOption(PROJECTOR) != null) {
        llava(command, finder);
      }
      Optional<ModelReference> clip = named(command, CLIP);
      if (clip.isPresent()) {
        spec.findOption(CLIP).setValue(finder.folder(clip.get()));
      }
      if (isTraining(spec)) {
        training(command, finder);
      }
    }
  }

  private static void llava(ParseResult command, ModelFinder finder) throws IOException {
    OptionSpec modelOption = command.commandSpec().findOption(MODEL);
    OptionSpec projectorOption = command.commandSpec().findOption(PROJECTOR);
    Optional<ModelReference> model = named(command, MODEL);
    Optional<ModelReference> projector = named(command, PROJECTOR);
    if (model.isPresent() && !command.hasMatchedOption(PROJECTOR)) {
      LlavaFiles files = finder.llava(model.get());
      modelOption.setValue(files.model());
      projectorOption.setValue(files.projector());
      return;
    }
    if (model.isPresent()) {
      modelOption.setValue(finder.languageModel(model.get()));
    }
    if (projector.isPresent()) {
      projectorOption.setValue(finder.projector(projector.get()));
    }
  }

  /** The model that an option names; nothing if it was not given, or is a path. */
  private static Optional<ModelReference> named(ParseResult command, String option) {
    OptionSpec spec = command.commandSpec().findOption(option);
    if (spec == null || !command.hasMatchedOption(spec)) {
      return Optional.empty();
    }
    return named(String.valueOf(spec.<Object>getValue()));
  }

  /** The model that a text names, unless it is a path or looks like a file. */
  static Optional<ModelReference> named(String text) {
    boolean file = text.toLowerCase(Locale.ROOT).endsWith(".gguf") && !text.contains(":");
    return Files.exists(Path.of(text)) || file || !ModelReference.isPlausible(text)
        ? Optional.empty()
        : Optional.of(ModelReference.parse(text));
  }

  /** Adds a {@code --set} for each model that the configuration names. */
  private static void training(ParseResult command, ModelFinder finder) throws IOException {
    OptionSpec set = command.commandSpec().findOption(SET);
    Path file = command.commandSpec().findOption(CONFIG).getValue();
    List<String> overrides = new ArrayList<>(set.<List<String>>getValue());
    TrainConfig config;
    try {
      config = TrainConfigReader.read(file, overrides);
    } catch (IOException | RuntimeException wrong) {
      return; // the command reads it again, and says what is wrong
    }
    Path folder = file.toAbsolutePath().normalize().getParent();
    place(overrides, "encoder.model", named(config.encoder().model()), finder);
    place(overrides, "decoder.model", named(config.decoder().model()), finder);
    Optional<ModelReference> clip =
        config
            .validation()
            .clip()
            .filter(path -> !Files.exists(path) && folder != null && path.startsWith(folder))
            .flatMap(path -> named(String.valueOf(folder.relativize(path))));
    place(overrides, "validation.clip", clip, finder);
    set.setValue(overrides);
  }

  private static void place(
      List<String> overrides,
      String setting,
      Optional<ModelReference> reference,
      ModelFinder finder)
      throws IOException {
    if (reference.isPresent()) {
      String path = finder.folder(reference.get()).toString();
      overrides.add(setting + "='" + path.replace("'", "''") + "'");
    }
  }
}
