package dev.vignette.captions;

import dev.vignette.files.FileStem;
import dev.vignette.files.MalformedDataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiConsumer;

/** Reads COCO's annotation files and maps of references; see {@link CocoCaptions#read}. */
final class CocoReader {
  private static final String IMAGES = "images";
  private static final String ANNOTATIONS = "annotations";
  private static final int ORPHANS_NAMED = 5;

  private final Path file;
  private final JsonCursor cursor;
  private final CocoCaptions.Builder builder = new CocoCaptions.Builder();
  private final Set<String> seen = new HashSet<>();
  private final SequencedMap<String, List<String>> references = new LinkedHashMap<>();
  private String foreign = "";

  CocoReader(Path file, JsonCursor cursor) {
    this.file = file;
    this.cursor = cursor;
  }

  CocoCaptions read() {
    cursor.eachMember("COCO annotations", this::readMember);
    if (seen.isEmpty() && !references.isEmpty() && foreign.isEmpty()) {
      return map();
    }
    for (String needed : List.of(IMAGES, ANNOTATIONS)) {
      if (!seen.contains(needed)) {
        throw new MalformedDataException(
            "%s has no \"%s\". References are COCO's {\"images\": [...], \"annotations\": [...]} or {\"id\": [\"caption\", ...]}%s: name such a file."
                .formatted(file, needed, foreign));
      }
    }
    List<String> orphans = builder.orphans();
    if (!orphans.isEmpty()) {
      throw new MalformedDataException(
          "%s captions %d image(s) that its \"images\" does not list, such as %s. Add them, or remove their captions."
              .formatted(
                  file,
                  orphans.size(),
                  orphans.subList(0, Math.min(ORPHANS_NAMED, orphans.size()))));
    }
    return builder.build();
  }

  /** The references of a map; of a key with an image's extension the stem is the file's. */
  private CocoCaptions map() {
    SequencedMap<String, CocoCaptions.Image> images = new LinkedHashMap<>();
    references.forEach((key, captions) -> {
      String stem = FileStem.ofImage(key);
      images.put(key, new CocoCaptions.Image(key, key, stem, captions));
    });
    return new CocoCaptions(images);
  }

  private void readMember(String name) {
    switch (name) {
      case IMAGES -> readList(name, "file_name", "id", this::addImage);
      case ANNOTATIONS -> readList(name, "caption", "image_id", builder::addCaption);
      default -> readReferences(name);
    }
  }

  /** Takes a list of texts for references, and passes over what is none: COCO has more members. */
  private void readReferences(String name) {
    int line = cursor.line();
    if (!cursor.atArray()) {
      noteForeign(name, line);
      cursor.skip();
      return;
    }
    List<String> captions = new ArrayList<>();
    cursor.eachElement(
        name,
        () -> {
          if (cursor.atString()) {
            captions.add(cursor.string(name));
          } else {
            noteForeign(name, line);
            cursor.skip();
          }
        });
    if (name.isBlank()) {
      throw cursor.malformedAt(line, "a key is blank; it should name an image");
    }
    if (references.putIfAbsent(name, captions) != null) {
      throw cursor.malformedAt(
          line, "\"%s\" is here a second time; put its captions into one list".formatted(name));
    }
  }

  /** Remembers the first member that is no list of captions. */
  private void noteForeign(String name, int line) {
    if (foreign.isEmpty()) {
      foreign = ", and \"%s\" in line %d is no list of captions".formatted(name, line);
    }
  }

  private void readList(
      String name, String textName, String idName, BiConsumer<String, String> add) {
    if (!seen.add(name)) {
      throw cursor.malformed("\"%s\" is here a second time; keep one".formatted(name));
    }
    cursor.eachElement("\"" + name + "\"", () -> readEntry(name, textName, idName, add));
  }

  private void readEntry(
      String list, String textName, String idName, BiConsumer<String, String> add) {
    Entry entry = new Entry();
    cursor.eachMember(
        "an entry of \"" + list + "\"",
        name -> {
          if (name.equals(textName)) {
            entry.text = Optional.of(cursor.string(textName));
          } else if (name.equals(idName)) {
            entry.id = Optional.of(cursor.id(idName));
          } else {
            cursor.skip();
          }
        });
    add.accept(
        entry.id.orElseThrow(() -> missing(list, idName)),
        entry.text.orElseThrow(() -> missing(list, textName)));
  }

  private MalformedDataException missing(String list, String name) {
    return cursor.malformed(
        "the entry of \"%s\" that ends here has no \"%s\"; add it".formatted(list, name));
  }

  private void addImage(String id, String fileName) {
    if (fileName.isBlank()) {
      throw cursor.malformed("the file_name of image %s is blank; name its file".formatted(id));
    }
    builder
        .addImage(id, fileName)
        .ifPresent(other -> {
          throw cursor.malformed(
              "image id %s is both %s and %s; an id names one image"
                  .formatted(id, other, fileName));
        });
  }

  private static final class Entry {
    private Optional<String> id = Optional.empty();
    private Optional<String> text = Optional.empty();
  }
}
