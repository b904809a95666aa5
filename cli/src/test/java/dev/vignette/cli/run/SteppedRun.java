package dev.vignette.cli.run;

import dev.vignette.captions.run.CaptionExport;
import dev.vignette.captions.run.CaptionExport.Form;
import dev.vignette.captions.run.HashCaptioner;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.RunOutput;
import dev.vignette.captions.run.RunOutput.SidecarText;
import dev.vignette.captions.run.RunResult;
import dev.vignette.captions.run.Runs;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A captioning command in a process of its own that captions one image for each byte on its
 * standard input, and says {@code waiting} on its standard output before each. The byte {@code x}
 * ends it with exit code 70, and {@code k} kills it as an abort in native code does.
 */
final class SteppedRun {
  private SteppedRun() {}

  /**
   * Captions the folder {@code arguments[0]} into {@code arguments[1]}, and into the COCO results
   * {@code arguments[2]} where they are given.
   */
  public static void main(String[] arguments) {
    HashCaptioner captioner = new HashCaptioner().before(_ -> awaitStep());
    RunOutput.Saved files =
        RunOutput.Saved.to(
            Path.of(arguments[1]), KeyMode.STEM, true, new SidecarText("", ""), false);
    if (arguments.length > 2) {
      files = files.with(List.of(new CaptionExport(Form.COCO_RESULTS, Path.of(arguments[2]))));
    }
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int exitCode;
    try (InterruptGuard guard = InterruptGuard.install(err)) {
      RunResult result =
          Runs.run(captioner, Runs.folder(Path.of(arguments[0])), files, guard.stopSignal());
      result.summary(files).forEach(err::println);
      exitCode = result.exitCode();
    }
    System.exit(exitCode);
  }

  private static void awaitStep() {
    try {
      System.out.println("waiting");
      switch (System.in.read()) {
        case '.' -> {}
        case 'x' -> System.exit(70);
        case 'k' -> Runtime.getRuntime().halt(134);
        default -> throw new IllegalStateException("nobody steps any more");
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
