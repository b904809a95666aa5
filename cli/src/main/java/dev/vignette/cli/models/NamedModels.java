package dev.vignette.cli.models;

import dev.vignette.captioner.train.TrainConfig;
import dev.vignette.cli.models.ModelFinder.LlavaFiles;
import dev.vignette.hub.Hub;
import dev.vignette.hub.HubSettings;
import dev.vignette.hub.ModelReference;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * Puts files in the place of names: before a command runs, each of its options that means a model
 * and holds {@code owner/name[@revision][:type]} gets the path of that model in the cache, which is
 * downloaded if need be. A path that exists is left as it is. Commands know paths only.
 *
 * <p>The options: {@code --model} and {@code --mmproj}, {@code --clip}, what {@code llava convert}
 * takes, and in the configuration of a training run {@code encoder.model}, {@code decoder.model}
 * and {@code validation.clip}.
 */
public final class NamedModels implements IExecutionStrategy {
  private static final String MODEL = "--model";
  private static final String PROJECTOR = "--mmproj";
  private static final String CLIP = "--clip";
  private static final String TOWER = "--tower";
  private static final String CONFIG = "--config";
  private static final String SET = "--set";
  private static final String OFFLINE = "--offline";
  private static final String TRAIN = "train";

  private final Supplier<HubSettings> settings;
  private final Supplier<Path> conversions;

  /**
   * Looks names up in a cache.
   *
   * @param settings asked for when there is a name
   * @param conversions the folder of what was converted, asked for when there is a name
   */
  NamedModels(Supplier<HubSettings> settings, Supplier<Path> conversions) {
    this.settings = settings;
    this.conversions = conversions;
  }

  /** Looks names up as the variables of the environment say. */
  private static NamedModels ofEnvironment() {
    return new NamedModels(
        new EnvironmentSettings(), () -> ConvertedLlava.usualFolder(System.getenv(), home()));
  }

  private static Path home() {
    return Path.of(System.getProperty("user.home"));
  }

  /** A class where a lambda would load the settings' even for a command without a name. */
  private static final class EnvironmentSettings implements Supplier<HubSettings> {
    @Override
    public HubSettings get() {
      return HubSettings.of(System.getenv(), home());
    }
  }

  /** Gives {@code --offline} to the commands of a tree that take a model. */
  public static void offerOffline(CommandLine root) {
    addOffline(root);
  }

  /** Runs the command that was given, the names of models in its arguments resolved. */
  public static int executeNamed(ParseResult result) {
    return takesModel(last(result).commandSpec())
        ? ofEnvironment().execute(result)
        : new RunLast().execute(result);
  }

  private static ParseResult last(ParseResult result) {
    ParseResult last = result;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    return last;
  }

  private static void addOffline(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    if (takesModel(spec) && spec.findOption(OFFLINE) == null) {
      spec.addOption(
          OptionSpec.builder(OFFLINE)
              .type(boolean.class)
              .description(
                  "Never ask the network for a model that is named: only the cache (also"
                      + " HF_HUB_OFFLINE=1).")
              .build());
    }
    for (Map.Entry<String, CommandLine> child : command.getSubcommands().entrySet()) {
      addOffline(child.getValue());
    }
  }

  private static boolean takesModel(CommandSpec spec) {
    return spec.findOption(PROJECTOR) != null
        || spec.findOption(CLIP) != null
        || spec.findOption(TOWER) != null
        || isTraining(spec);
  }

  private static boolean isTraining(CommandSpec spec) {
    return spec.name().equals(TRAIN)
        && spec.findOption(CONFIG) != null
        && spec.findOption(SET) != null;
  }

  @Override
  public int execute(ParseResult result) {
    ParseResult last = last(result);
    if (!asksForHelp(last) && takesModel(last.commandSpec())) {
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
    CommandSpec spec = command.commandSpec();
    boolean offline = command.matchedOptionValue(OFFLINE, false);
    try (OnDemand finder = new OnDemand(offline, err)) {
      if (spec.findOption(PROJECTOR) != null) {
        llava(command, finder);
      }
      for (ArgSpec folder : folders(spec)) {
        Optional<ModelReference> named = named(command, folder);
        if (named.isPresent()) {
          folder.setValue(finder.get().folder(named.get()));
        }
      }
      if (isTraining(spec)) {
        training(command, finder);
      }
    }
  }

  /** The finder of models, made for the first name: without one nothing is read or opened. */
  private final class OnDemand implements Supplier<ModelFinder>, AutoCloseable {
    private final boolean offline;
    private final PrintWriter err;
    private @Nullable DownloadProgress progress;
    private @Nullable Hub hub;
    private @Nullable ModelFinder finder;

    OnDemand(boolean offline, PrintWriter err) {
      this.offline = offline;
      this.err = err;
    }

    @Override
    public ModelFinder get() {
      ModelFinder known = finder;
      if (known == null) {
        HubSettings found = settings.get();
        Hub opened = new Hub(found.withOffline(found.offline() || offline));
        hub = opened;
        DownloadProgress shown = new DownloadProgress(err);
        progress = shown;
        known = new ModelFinder(opened, conversions.get(), shown, err);
        finder = known;
      }
      return known;
    }

    @Override
    public void close() {
      if (progress != null) {
        progress.close();
      }
      if (hub != null) {
        hub.close();
      }
    }
  }

  /** The options and parameters that mean a folder of a model. */
  private static List<ArgSpec> folders(CommandSpec spec) {
    List<ArgSpec> folders = new ArrayList<>();
    for (String option : List.of(CLIP, TOWER)) {
      if (spec.findOption(option) != null) {
        folders.add(spec.findOption(option));
      }
    }
    if (spec.findOption(TOWER) != null) {
      folders.addAll(spec.positionalParameters()); // what is converted
    }
    return folders;
  }

  private static void llava(ParseResult command, Supplier<ModelFinder> finder) throws IOException {
    OptionSpec modelOption = command.commandSpec().findOption(MODEL);
    OptionSpec projectorOption = command.commandSpec().findOption(PROJECTOR);
    Optional<ModelReference> model = named(command, modelOption);
    Optional<ModelReference> projector = named(command, projectorOption);
    if (model.isPresent() && !command.hasMatchedOption(PROJECTOR)) {
      LlavaFiles files = finder.get().llava(model.get());
      modelOption.setValue(files.model());
      projectorOption.setValue(files.projector());
      return;
    }
    if (model.isPresent()) {
      modelOption.setValue(finder.get().languageModel(model.get()));
    }
    if (projector.isPresent()) {
      projectorOption.setValue(finder.get().projector(projector.get()));
    }
  }

  /** The model that an option or parameter names; nothing if it was not given, or is a path. */
  private static Optional<ModelReference> named(ParseResult command, @Nullable ArgSpec argument) {
    boolean given =
        switch (argument) {
          case OptionSpec option -> command.hasMatchedOption(option);
          case PositionalParamSpec parameter -> command.hasMatchedPositional(parameter);
          case null, default -> false;
        };
    return given
        ? named(String.valueOf(Objects.requireNonNull(argument).<Object>getValue()))
        : Optional.empty();
  }

  /** The model that a text names, unless it is a path or looks like a file. */
  static Optional<ModelReference> named(String text) {
    boolean file = text.toLowerCase(Locale.ROOT).endsWith(".gguf") && !text.contains(":");
    return Files.exists(Path.of(text)) || file || !ModelReference.isPlausible(text)
        ? Optional.empty()
        : Optional.of(ModelReference.parse(text));
  }

  /** Adds a {@code --set} for each model that the configuration names. */
  private static void training(ParseResult command, Supplier<ModelFinder> finder)
      throws IOException {
    OptionSpec set = command.commandSpec().findOption(SET);
    Path file = command.commandSpec().findOption(CONFIG).getValue();
    List<String> overrides = new ArrayList<>(set.<List<String>>getValue());
    TrainConfig config;
    try {
      config = TrainConfig.read(file, overrides);
    } catch (IOException | RuntimeException wrong) {
      return; // the command reads it again, and says what is wrong
    }
    Path folder = Objects.requireNonNull(file.toAbsolutePath().normalize().getParent());
    place(overrides, "encoder.model", named(config.encoder().model()), finder);
    place(overrides, "decoder.model", named(config.decoder().model()), finder);
    Optional<ModelReference> clip =
        config
            .validation()
            .clip()
            .filter(path -> !Files.exists(path) && path.startsWith(folder))
            .flatMap(path -> named(String.valueOf(folder.relativize(path))));
    place(overrides, "validation.clip", clip, finder);
    set.setValue(overrides);
  }

  private static void place(
      List<String> overrides,
      String setting,
      Optional<ModelReference> reference,
      Supplier<ModelFinder> finder)
      throws IOException {
    if (reference.isPresent()) {
      String path = finder.get().folder(reference.get()).toString();
      overrides.add(setting + "='" + path.replace("'", "''") + "'");
    }
  }
}
