package dev.vignette.captioner.train;

import dev.vignette.files.yaml.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs of the tests that run in a JVM of their own. */
final class OtherProcess {
  private OtherProcess() {}

  /** Starts the class's {@code main} with this JVM's class path; both outputs are one stream. */
  static Process start(Class<?> program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            program.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** What a program says until it ends. */
  static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Says what a refusal says, or {@code free}. */
  static void say(Attempt attempt) {
    try {
      attempt.run();
      System.out.println("free");
    } catch (ConfigException refusal) {
      System.out.println("refused: " + refusal.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Something that may be refused. */
  @FunctionalInterface
  interface Attempt {
    void run() throws IOException;
  }
}
