package dev.vignette.captions;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** Reads COCO's annotation files; see {@link CocoCaptions#read}. */
final class CocoReader {
  private static final int ORPHANS_NAMED = 5;

  private final Path file;
  private final JsonCursor cursor;
  private final CocoCaptions.Builder builder = new CocoCaptions.Builder();
  private final Set<String> seen = new HashSet<>();

  CocoReader(Path file, JsonCursor cursor) {
    this.file = file;
    this.cursor = cursor;
  }

  CocoCaptions read() {
    cursor.eachMember("COCO annotations", this::readMember);
    for (String needed : List.of("images", "annotations")) {
      if (!seen.contains(needed)) {
        throw new MalformedDataException(
            "%s has no \"%s\". Captions need {\"images\": [...], \"annotations\": [...]}: name a captions file of COCO."
                .formatted(file, needed));
      }
    }
    List<Long> orphans = builder.orphans();
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

  private void readMember(String name) {
    switch (name) {
      case "images" -> readList(name, "file_name", "id", this::addImage);
      case "annotations" -> readList(name, "caption", "image_id", builder::addCaption);
      default -> cursor.skip();
    }
  }

  private void readList(String name, String textName, String idName, BiConsumer<Long, String> add) {
    if (!seen.add(name)) {
      throw cursor.malformed("\"%s\" is here a second time; keep one".formatted(name));
    }
    cursor.eachElement("\"" + name + "\"", () -> readEntry(name, textName, idName, add));
  }

  private void readEntry(
      String list, String textName, String idName, BiConsumer<Long, String> add) {
    Entry entry = new Entry();
    cursor.eachMember(
        "an entry of \"" + list + "\"",
        name -> {
          if (name.equals(textName)) {
            entry.text = Optional.of(cursor.string(textName));
          } else if (name.equals(idName)) {
            entry.id = Optional.of(cursor.integer(idName));
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

  private void addImage(long id, String fileName) {
    if (fileName.isBlank()) {
      throw cursor.malformed("the file_name of image %d is blank; name its file".formatted(id));
    }
    builder
        .addImage(id, fileName)
        .ifPresent(other -> {
          throw cursor.malformed(
              "image id %d is both %s and %s; an id names one image"
                  .formatted(id, other, fileName));
        });
  }

  private static final class Entry {
    private Optional<Long> id = Optional.empty();
    private Optional<String> text = Optional.empty();
  }
}
