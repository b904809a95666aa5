package dev.vignette.cli.models;

import dev.vignette.hub.ByteCount;
import dev.vignette.hub.HubCache;
import dev.vignette.hub.HubCache.CachedModel;
import dev.vignette.hub.HubSettings;
import dev.vignette.hub.Repository.RepositoryName;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vignette models}: what the cache of models holds. */
@Command(
    name = "models",
    description = "Lists the models that were downloaded, with their sizes; 'remove' removes one.",
    mixinStandardHelpOptions = true,
    subcommands = ModelsCommand.Remove.class)
public final class ModelsCommand implements Callable<Integer> {
  private static final int SHORT_COMMIT = 8;

  @Spec private @Nullable CommandSpec spec;

  private static HubCache cache() {
    return new HubCache(
        HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home"))).cache());
  }

  @Override
  public Integer call() throws IOException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    HubCache cache = cache();
    List<CachedModel> models = cache.models();
    PrintWriter out = command.getOut();
    for (CachedModel model : models) {
      out.printf("%-48s %10s  %s%n", model.name(), ByteCount.text(model.bytes()), details(model));
    }
    out.flush();
    long bytes = models.stream().mapToLong(CachedModel::bytes).sum();
    command
        .getErr()
        .printf(
            "%d model%s, %s, in %s%n",
            models.size(), models.size() == 1 ? "" : "s", ByteCount.text(bytes), cache.folder());
    command.getErr().flush();
    return 0;
  }

  /** Such as {@code main 1a2b3c4d, 4 files; unfinished: 1.20 GB}. */
  private static String details(CachedModel model) {
    List<String> phrases = new ArrayList<>();
    for (CachedModel.Snapshot snapshot : model.snapshots()) {
      phrases.add(
          "%s%s, %d files"
              .formatted(
                  snapshot.revisions().isEmpty()
                      ? ""
                      : String.join(" ", snapshot.revisions()) + " ",
                  snapshot
                      .commit()
                      .substring(0, Math.min(SHORT_COMMIT, snapshot.commit().length())),
                  snapshot.files()));
    }
    if (model.unfinishedBytes() > 0) {
      phrases.add("unfinished: " + ByteCount.text(model.unfinishedBytes()));
    }
    return String.join("; ", phrases);
  }

  /** {@code vignette models remove}: makes room. */
  @Command(
      name = "remove",
      description = "Removes models from the cache, all their commits and what downloads left.",
      mixinStandardHelpOptions = true)
  static final class Remove implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "As 'vignette models' lists it.")
    private List<String> names = new ArrayList<>();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      HubCache cache = cache();
      for (String name : names) {
        cache.remove(new RepositoryName(name));
        Objects.requireNonNull(spec).commandLine().getErr().println("Removed " + name);
      }
      return 0;
    }
  }
}
