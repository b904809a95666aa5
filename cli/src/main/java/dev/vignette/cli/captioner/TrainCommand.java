package dev.vignette.cli.captioner;

import dev.vignette.captioner.train.RunFolder;
import dev.vignette.captioner.train.TrainConfig;
import dev.vignette.captioner.train.Trainer;
import dev.vignette.captioner.train.ValidationScorer;
import dev.vignette.cli.run.ExitCodes;
import dev.vignette.cli.run.InterruptGuard;
import dev.vignette.cli.run.StandardError;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vignette captioner train}: a run from its configuration, begun or resumed. */
@Command(
    name = "train",
    description = {
      "Trains an adapter and the projection; everything goes to the run's folder.",
      "A run that was stopped, even killed, goes on with --resume; on a CPU it ends with the same"
          + " weights.",
      "With more training.epochs, --resume continues a finished run."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class TrainCommand implements Callable<Integer> {
  @Mixin private ConfigArguments config = new ConfigArguments();

  @Option(
      names = "--resume",
      description = "Go on with the run of this name, if there is one; Ctrl-C leaves a checkpoint.")
  private boolean resume;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    TrainConfig training = config.read();
    try (InterruptGuard guard =
            InterruptGuard.install(
                err, "the step in hand is finished and a checkpoint saved, for --resume");
        TrainProgress progress =
            new TrainProgress(err, StandardError.isTerminal(), System::nanoTime);
        ValidationScorer scorer = ValidationScorer.open(training);
        Trainer trainer = Trainer.open(training, resume, scorer, progress, System::nanoTime)) {
      Optional<RunFolder> run = trainer.run(guard.stopSignal());
      if (run.isEmpty()) {
        return ExitCodes.INTERRUPTED;
      }
      if (!run.get().hasBest()) {
        err.printf(
            "vignette: %s, the best epoch's adapter, is missing or damaged; %s is that of the last epoch.%n",
            run.get().best(), run.get().last());
        return ExitCodes.FAILED;
      }
      spec.commandLine().getOut().println(run.get().best());
      spec.commandLine().getOut().flush();
    }
    return 0;
  }
}
