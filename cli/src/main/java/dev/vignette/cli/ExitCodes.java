package dev.vignette.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;

/** What the exit codes of all commands mean. */
final class ExitCodes {
  /** Some inputs failed, or could not be read. */
  static final int FAILED = 1;

  /** The native side failed, or something nobody thought of. */
  static final int NATIVE_FAILURE = 70;

  /** An output could not be written. */
  static final int NOT_WRITTEN = 74;

  /** Somebody interrupted the program: 128 + SIGINT. */
  static final int INTERRUPTED = 130;

  /** The reader of the standard output has closed it: 128 + SIGPIPE. */
  static final int CLOSED_PIPE = 141;

  private ExitCodes() {}

  /** Lists them in the help of a command and of all commands below it. */
  static void listIn(CommandLine command) {
    Map<String, String> list = new LinkedHashMap<>();
    list.put("0", "done");
    list.put("1", "some inputs failed (listed) or could not be read");
    list.put("2", "wrong usage");
    list.put("3", "stopped before the end; typed again it goes on");
    list.put("70", "native failure, no memory, or a defect");
    list.put("74", "an output could not be written");
    list.put("130", "interrupted; typed again it goes on");
    list.put("141", "the reader of a pipe has closed it");
    command
        .getCommandSpec()
        .usageMessage()
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(list);
    command.getSubcommands().values().forEach(ExitCodes::listIn);
  }
}
