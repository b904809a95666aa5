package dev.vignette.cli.run;

import dev.vignette.captions.run.RunResult;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;

/** What the exit codes of all commands mean. */
public final class ExitCodes {
  /** Everything is done. */
  public static final int DONE = 0;

  /** Some inputs failed, or could not be read. */
  public static final int FAILED = RunResult.FAILED;

  /** The command cannot be carried out as it was typed. */
  public static final int USAGE = CommandLine.ExitCode.USAGE;

  /** A run ended before its end; typed again it goes on. */
  public static final int STOPPED = RunResult.STOPPED;

  /** The native side failed, or something nobody thought of. */
  public static final int NATIVE_FAILURE = 70;

  /** An output could not be written. */
  public static final int NOT_WRITTEN = 74;

  /** Somebody interrupted the program: 128 + SIGINT. */
  public static final int INTERRUPTED = RunResult.INTERRUPTED;

  /** The reader of the standard output has closed it: 128 + SIGPIPE. */
  public static final int CLOSED_PIPE = 141;

  private ExitCodes() {}

  /** Lists them in the help of a command and of all commands below it. */
  public static void listIn(CommandLine command) {
    Map<String, String> list = new LinkedHashMap<>();
    list.put(text(DONE), "done");
    list.put(text(FAILED), "some inputs failed (listed) or could not be read");
    list.put(text(USAGE), "wrong usage");
    list.put(text(STOPPED), "stopped before the end; typed again it goes on");
    list.put(text(NATIVE_FAILURE), "native failure, no memory, or a defect");
    list.put(text(NOT_WRITTEN), "an output could not be written");
    list.put(text(INTERRUPTED), "interrupted; typed again it goes on");
    list.put(text(CLOSED_PIPE), "the reader of a pipe has closed it");
    list.put("128+N", "ended by signal N where nothing waits for it, such as 143 by SIGTERM");
    command
        .getCommandSpec()
        .usageMessage()
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(list);
    command.getSubcommands().values().forEach(ExitCodes::listIn);
  }

  private static String text(int code) {
    return Integer.toString(code);
  }
}
