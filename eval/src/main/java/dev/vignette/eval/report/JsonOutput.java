package dev.vignette.eval.report;

import dev.vignette.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/** Writes a JSON file, whole or not at all; a full disk is said as one and not as a defect. */
final class JsonOutput {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonOutput() {}

  /** Writes one object, whose members {@code content} writes, and a line end. */
  static void write(Path file, Consumer<JsonGenerator> content) {
    AtomicFile.write(
        file,
        out -> {
          try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            content.accept(json);
            json.writeEndObject();
            json.writeRaw('\n');
          } catch (JacksonIOException failure) {
            IOException cause = failure.getCause();
            throw cause == null ? new IOException(failure) : cause;
          }
        });
  }
}
