package dev.vignette.cli.captioner;

import dev.vignette.captioner.train.ParameterTable;
import dev.vignette.captioner.train.TrainConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code vignette captioner parameters}: what a configuration trains. */
@Command(
    name = "parameters",
    description = {
      "Counts what a configuration trains and what stays frozen, without loading weights.",
      "Fails when more would train than training.max_trainable allows."
    },
    mixinStandardHelpOptions = true)
final class ParametersCommand implements Callable<Integer> {
  @Mixin private ConfigArguments config = new ConfigArguments();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    TrainConfig training = config.read();
    ParameterTable table = ParameterTable.of(training);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    out.printf("%-32s %6s %6s %14s%n", "part", "count", "rank", "parameters");
    for (ParameterTable.Row row : table.rows()) {
      String rank = row.rank() == 0 ? "-" : Integer.toString(row.rank());
      out.printf("%-32s %6d %6s %,14d%n", row.part(), row.count(), rank, row.elements());
    }
    out.printf("%-46s %,14d%n", "trainable", table.trainable());
    out.printf("%-46s %,14d%n", "frozen encoder", table.frozenEncoder());
    out.printf("%-46s %,14d%n", "frozen decoder", table.frozenDecoder());
    out.flush();
    ParameterTable.requireWithin(table.trainable(), training.training().maxTrainable());
    return 0;
  }
}
