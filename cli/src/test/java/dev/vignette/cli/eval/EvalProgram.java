package dev.vignette.cli.eval;

import dev.vignette.captions.run.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * A command of the evaluation as a user types it, in this process, with captions of three images.
 */
abstract class EvalProgram {
  static final String ANNOTATIONS =
      """
      {"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"},
                  {"id": 3, "file_name": "c.jpg"}],
       "annotations": [
         {"image_id": 1, "caption": "a man riding a horse"},
         {"image_id": 1, "caption": "a person on a horse"},
         {"image_id": 1, "caption": "a man rides a brown horse on the beach"},
         {"image_id": 2, "caption": "two dogs play in the snow"},
         {"image_id": 2, "caption": "a pair of dogs running in snow"},
         {"image_id": 2, "caption": "dogs in snow"},
         {"image_id": 3, "caption": "a plate of food on a table"},
         {"image_id": 3, "caption": "some food on a white plate"},
         {"image_id": 3, "caption": "a meal"}]}
      """;

  static final String PREDICTIONS =
      "{\"a\": \"A man riding a horse.\", \"b\": \"dogs in the snow\", \"c\": \"a plate of food\"}";

  /** Of the reference, for these captions. */
  static final double CIDER = 3.2871812935204137;

  @TempDir Path folder;

  /** What a run left behind. */
  record Run(int code, String out, String err) {
    String lastLine() {
      return out.lines().toList().getLast();
    }
  }

  static Run eval(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new EvalCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .setExecutionExceptionHandler((failure, command, result) -> {
              command.getErr().println(failure.getMessage());
              return failure instanceof UsageException ? 2 : 1;
            })
            .execute(arguments);
    return new Run(code, out.toString(), err.toString());
  }

  String file(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Run score(String predictions, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--predictions", file("p.json", predictions)));
    arguments.addAll(List.of("--annotations", file("a.json", ANNOTATIONS)));
    arguments.addAll(List.of(more));
    return eval(arguments.toArray(String[]::new));
  }
}
