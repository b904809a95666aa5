package dev.vignette.cli;

import dev.vignette.captions.run.OutputException;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.attend.AttendCommand;
import dev.vignette.cli.captioner.CaptionerCommand;
import dev.vignette.cli.eval.EvalCommand;
import dev.vignette.cli.llava.EarlyLoading;
import dev.vignette.cli.llava.LlavaCommand;
import dev.vignette.cli.models.ModelsCommand;
import dev.vignette.cli.models.NamedModels;
import dev.vignette.cli.models.PullCommand;
import dev.vignette.cli.report.ReportCommand;
import dev.vignette.cli.run.ExitCodes;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The root of the command tree, and the one place where the program exits. */
@Command(
    name = "vignette",
    description = "Captions images: quantized LLaVA, a trained captioner, exact evaluation.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
public final class Vignette implements Runnable {

  /** Codes that stay when the standard output has failed: that was said, or something worse. */
  private static final Set<Integer> SAYS_MORE =
      Set.of(
          ExitCodes.NOT_WRITTEN,
          ExitCodes.CLOSED_PIPE,
          ExitCodes.INTERRUPTED,
          ExitCodes.NATIVE_FAILURE);

  /** What stands for bytes that are no text in the program's arguments. */
  private static final char UNDECODABLE = '\uFFFD';

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "Missing command");
  }

  /**
   * The command tree for some arguments: the branch that the first two name, the whole tree if they
   * name none. Reading the annotations of a branch takes longer than the JVM's own start.
   */
  static CommandLine commandLine(String... arguments) {
    String first = arguments.length == 0 ? "" : arguments[0];
    String second = arguments.length < 2 ? "" : arguments[1];
    CommandLine root = new CommandLine(new Vignette());
    switch (first) {
      case "llava" -> root.addSubcommand(LlavaCommand.with(second));
      case "eval" -> root.addSubcommand(new EvalCommand());
      case "captioner" -> root.addSubcommand(new CaptionerCommand());
      case "attend" -> root.addSubcommand(new AttendCommand());
      case "report" -> root.addSubcommand(new ReportCommand());
      case "doctor" -> root.addSubcommand(new DoctorCommand());
      case "pull" -> root.addSubcommand(new PullCommand());
      case "models" -> root.addSubcommand(new ModelsCommand());
      default ->
          root.addSubcommand(LlavaCommand.with(""))
              .addSubcommand(new CaptionerCommand())
              .addSubcommand(new EvalCommand())
              .addSubcommand(new AttendCommand())
              .addSubcommand(new ReportCommand())
              .addSubcommand(new DoctorCommand())
              .addSubcommand(new PullCommand())
              .addSubcommand(new ModelsCommand())
              .addSubcommand(new GenerateCompletion())
              .addSubcommand(new HelpCommand());
    }
    ExitCodes.listIn(root);
    sayVersionIn(root);
    NamedModels.offerOffline(root);
    IParameterExceptionHandler usual = root.getParameterExceptionHandler();
    return root.setParameterExceptionHandler((failure, given) ->
            isTooLong(failure) ? sayRange(failure) : usual.handleParseException(failure, given))
        .registerConverter(Path.class, Vignette::path)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionStrategy(Vignette::execute)
        .setExecutionExceptionHandler(new FailureReport());
  }

  /** Each command has the option, and the program one version. */
  private static void sayVersionIn(CommandLine command) {
    command.getCommandSpec().versionProvider(new VersionText());
    command.getSubcommands().values().forEach(Vignette::sayVersionIn);
  }

  /** Whether a value is a number that is too long for its option; the usage is no help there. */
  private static boolean isTooLong(ParameterException failure) {
    ArgSpec argument = failure.getArgSpec();
    return argument != null
        && failure.getValue() != null
        && failure.getValue().matches("[+-]?\\d{10,}")
        && (argument.type() == int.class || argument.type() == long.class);
  }

  private static int sayRange(ParameterException failure) {
    ArgSpec argument = failure.getArgSpec();
    boolean isInt = argument.type() == int.class;
    PrintWriter err = failure.getCommandLine().getErr();
    err.println(
        "vignette: %s is a whole number from %d to %d, not %s"
            .formatted(
                argument instanceof OptionSpec option
                    ? option.longestName()
                    : argument.paramLabel(),
                isInt ? Integer.MIN_VALUE : Long.MIN_VALUE,
                isInt ? Integer.MAX_VALUE : Long.MAX_VALUE,
                failure.getValue()));
    err.flush();
    return failure.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
  }

  /** An empty path would be the folder that the program was started in. */
  private static Path path(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException(
          "a path is not empty; was a variable meant that is not set?");
    }
    // No path in some locales; requireDecoded refuses it before a command sees it.
    return Path.of(text.replace(UNDECODABLE, '_'));
  }

  /**
   * Refuses what could not be read as text, which has become something else: as a path it would be
   * another file, in whatever part of an argument.
   */
  private static void requireDecoded(ParseResult parsed) {
    for (ParseResult part = parsed; part != null; part = part.subcommand()) {
      for (ArgSpec argument : part.matchedArgs()) {
        for (String text : argument.originalStringValues()) {
          if (text.indexOf(UNDECODABLE) >= 0) {
            throw new ExecutionException(
                part.commandSpec().commandLine(), "refused", undecodable(text));
          }
        }
      }
    }
  }

  private static UsageException undecodable(String text) {
    return new UsageException(
        "An argument is UTF-8, but \"%s\" has letters that cannot be read as text, and would be the name of another file. Rename the file, or set LC_ALL=C.UTF-8 if its name has none."
            .formatted(text));
  }

  /** Runs the command, or prints the help asked for, which picocli does not guard as a command. */
  private static int execute(ParseResult parsed) {
    try {
      requireDecoded(parsed);
      return NamedModels.executeNamed(parsed);
    } catch (OutputException e) {
      throw new ExecutionException(parsed.commandSpec().commandLine(), "not printed", e);
    }
  }

  /**
   * Runs the program to its end and returns its exit code. Whatever is thrown is said on {@code
   * err}, and nothing printed is lost in silence.
   */
  static int run(String[] arguments, StandardOutput output, PrintWriter err) {
    PrintWriter out = output.writer();
    int code;
    try {
      code = commandLine(arguments).setOut(out).setErr(err).execute(arguments);
      out.flush();
    } catch (Throwable failure) {
      code = FailureReport.say(failure, err);
    }
    if (output.failure().isEmpty() || SAYS_MORE.contains(code)) {
      return code;
    }
    return FailureReport.say(output.failure().get(), err);
  }

  public static void main(String[] arguments) {
    // Digits in files, scripts and tables are those of every machine, whatever its language.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    EarlyLoading.begin(arguments);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(arguments, StandardOutput.ofProcess(), err));
  }

  /**
   * What {@code --version} prints: the program, the Java it runs on, the llama.cpp it is made for.
   */
  static final class VersionText implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
      return new String[] {
        "vignette " + property("/dev/vignette/cli/version.properties", "version"),
        "Java " + Runtime.version(),
        "llama.cpp " + property("/dev/vignette/llama/llama.properties", "version")
      };
    }

    private static String property(String resource, String key) throws IOException {
      Properties properties = new Properties();
      try (InputStream in = VersionText.class.getResourceAsStream(resource)) {
        if (in == null) {
          throw new IOException(
              "this build lacks " + resource + "; build it anew with mvn package");
        }
        properties.load(in);
      }
      return properties.getProperty(key);
    }
  }

  /**
   * The standard output, which tells when it takes nothing more: {@link PrintWriter} swallows an
   * {@link IOException}, but not the {@link OutputException} that this throws in its place. It
   * throws once, at the first failure; what is written afterwards is dropped.
   */
  static final class StandardOutput extends OutputStream {
    private static final Path DESCRIPTOR = Path.of("/proc/self/fd/1");

    private final OutputStream out;
    private final BooleanSupplier pipe;
    private @Nullable OutputException failure;

    /**
     * An output that writes through to {@code out}.
     *
     * @param pipe whether that is a pipe, where a failure means that nobody reads any more
     */
    StandardOutput(OutputStream out, BooleanSupplier pipe) {
      this.out = out;
      this.pipe = pipe;
    }

    /** The standard output of this process. */
    static StandardOutput ofProcess() {
      return new StandardOutput(new FileOutputStream(FileDescriptor.out), StandardOutput::isPipe);
    }

    /** A writer of UTF-8 on it, which is to be flushed. */
    PrintWriter writer() {
      return new PrintWriter(this, false, StandardCharsets.UTF_8);
    }

    /** Why it takes nothing more, empty while it does. */
    Optional<OutputException> failure() {
      return Optional.ofNullable(failure);
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      if (failure != null) {
        return;
      }
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        OutputException failed = explain(e);
        failure = failed;
        throw failed;
      }
    }

    private OutputException explain(IOException e) {
      if (pipe.getAsBoolean()) {
        return new OutputException(
            OutputException.Kind.CLOSED_PIPE,
            "The reader of the standard output has closed it.",
            e);
      }
      return new OutputException(
          "The standard output cannot be written (%s): what was printed is not whole. Make room, or send it elsewhere."
              .formatted(e.getMessage()),
          e);
    }

    /** By what it is: the system's words for a broken pipe may be in any language. */
    private static boolean isPipe() {
      try {
        String kind = Files.readSymbolicLink(DESCRIPTOR).toString();
        return kind.startsWith("pipe:") || kind.startsWith("socket:");
      } catch (IOException | RuntimeException _) {
        return false;
      }
    }
  }
}
