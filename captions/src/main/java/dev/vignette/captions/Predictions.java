package dev.vignette.captions;

import dev.vignette.captions.reading.JsonCursor;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.faults.MalformedDataException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;

/**
 * One caption an image, in order.
 *
 * @param keys what the keys name
 * @param captions the captions by key; copied, unmodifiable, in the order given
 */
public record Predictions(Keys keys, SequencedMap<String, String> captions) {
  private static final JsonFactory FACTORY = new JsonFactory();

  /** What the key of a caption names. */
  public enum Keys {
    /** A file: its name without folder and extension, or its relative path. */
    FILE,
    /** The {@code image_id} of COCO annotations: a text, or a number in its digits. */
    IMAGE_ID
  }

  /** Copies the captions. */
  public Predictions {
    captions = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(captions));
    captions.forEach((key, caption) -> {
      if (key.isBlank()) {
        throw new IllegalArgumentException(
            "A key of predictions names an image, but is blank; its caption is \"%s\""
                .formatted(caption));
      }
    });
  }

  /** Captions by file stem or relative path, in the order of {@code captions}. */
  public static Predictions ofFiles(Map<String, String> captions) {
    return new Predictions(Keys.FILE, new LinkedHashMap<>(captions));
  }

  /** The caption under {@code key}, if there is one. */
  public Optional<String> caption(String key) {
    return Optional.ofNullable(captions.get(key));
  }

  /**
   * Reads captions in the order of the file, which may be packed by gzip: {@code {"file stem":
   * "caption", ...}}, COCO's results list {@code [{"image_id": 1, "caption": "..."}, ...]}, a list
   * of objects of the first kind, or the objects of either kind one after the other (JSONL). Where
   * a caption is asked for, a list of one caption will do.
   *
   * @throws MalformedDataException if the file is none of these, or has two captions of one image
   * @throws UncheckedIOException if it cannot be read
   */
  public static Predictions read(Path file) {
    return read(List.of(file));
  }

  /**
   * Reads several files as one, in their order, each as {@link #read(Path)} reads it.
   *
   * @throws MalformedDataException as there, and if two of them have captions of one image, or name
   *     images in different ways
   * @throws UncheckedIOException if one cannot be read
   */
  public static Predictions read(List<Path> files) {
    PredictionsReader.Gathered gathered = new PredictionsReader.Gathered();
    for (Path file : files) {
      PredictionsReader.requireForm(file);
      JsonCursor.open(
          file,
          cursor -> {
            new PredictionsReader(file, cursor, gathered).read();
            return gathered;
          });
    }
    return gathered.predictions();
  }

  /**
   * The same captions by file stem: as they are if they are by file already, else with each image
   * id replaced by the stem of its image in {@code annotations}.
   *
   * @throws MalformedDataException if {@code annotations} lack an id, or two of its images share a
   *     stem
   */
  public Predictions byStem(CocoCaptions annotations) {
    if (keys == Keys.FILE) {
      return this;
    }
    SequencedMap<String, CocoCaptions.Image> byStem = annotations.byStem();
    Map<String, String> stems = new HashMap<>();
    byStem.forEach((stem, image) -> stems.put(image.id(), stem));
    SequencedMap<String, String> renamed = new LinkedHashMap<>();
    captions.forEach((id, caption) -> {
      String stem = stems.get(id);
      if (stem == null) {
        throw new MalformedDataException(
            "The predictions caption image id %s, which the annotations do not have; give the annotations they were made for."
                .formatted(id));
      }
      renamed.put(stem, caption);
    });
    return new Predictions(Keys.FILE, renamed);
  }

  /**
   * Writes {@code {"key": "caption", ...}} in order, one a line, UTF-8 unescaped, whole or not at
   * all.
   *
   * @throws UncheckedIOException if it cannot be written; see {@link AtomicFile#write}
   */
  public void write(Path file) {
    AtomicFile.writeString(file, toJson());
  }

  private String toJson() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(new OneCaptionALine(), text)) {
      json.writeStartObject();
      captions.forEach(json::writeStringProperty);
      json.writeEndObject();
      json.writeRaw('\n');
    }
    return text.toString();
  }

  private static final class OneCaptionALine extends ObjectWriteContext.Base {
    @Override
    public boolean hasPrettyPrinter() {
      return true;
    }

    @Override
    public PrettyPrinter getPrettyPrinter() {
      Separators separators =
          Separators.createDefaultInstance().withObjectNameValueSpacing(Separators.Spacing.AFTER);
      DefaultPrettyPrinter printer = new DefaultPrettyPrinter(separators);
      printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
      return printer;
    }
  }
}
