package dev.vignette.captions;

import dev.vignette.captions.reading.JsonCursor;
import dev.vignette.files.FileStem;
import dev.vignette.files.faults.MalformedDataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads references in JSON: COCO's and Karpathy's files, maps, and {@code metadata.jsonl}; see
 * {@link CocoCaptions#read(Path)}.
 */
final class CocoReader {
  private static final String IMAGES = "images";
  private static final String ANNOTATIONS = "annotations";
  private static final String FILE_NAME = "file_name";
  private static final Set<String> ROW_CAPTIONS = Set.of("text", "caption", "captions");
  private static final int ORPHANS_NAMED = 5;

  private final Path file;
  private final JsonCursor cursor;
  private final SplitChoice splits;
  private final CocoCaptions.Builder builder = new CocoCaptions.Builder();
  private final Set<String> seen = new HashSet<>();
  private final Set<String> leftOut = new HashSet<>();
  private final SequencedMap<String, List<String>> references = new LinkedHashMap<>();
  private boolean sentences;
  private String foreign = "";

  /** The members of a line of {@code metadata.jsonl}. */
  private Optional<String> rowFile = Optional.empty();

  private Optional<String> rowMember = Optional.empty(); // which has its captions
  private final List<String> rowCaptions = new ArrayList<>();

  CocoReader(Path file, JsonCursor cursor, SplitChoice splits) {
    this.file = file;
    this.cursor = cursor;
    this.splits = splits;
  }

  CocoCaptions read() {
    cursor.eachMember("COCO annotations", this::readMember);
    if (seen.isEmpty() && rowFile.isPresent()) {
      splits.requireNone(file);
      return rows();
    }
    if (cursor.nextDocument()) {
      throw cursor.malformed(
          "there is more after the end of the JSON; the file should hold one value");
    }
    if (seen.isEmpty() && !references.isEmpty() && foreign.isEmpty()) {
      splits.requireNone(file);
      return map();
    }
    requireWhole();
    splits.requireFound(file);
    return builder.build();
  }

  private void requireWhole() {
    for (String needed : sentences ? List.of(IMAGES) : List.of(IMAGES, ANNOTATIONS)) {
      if (!seen.contains(needed)) {
        throw new MalformedDataException(
            "%s has no \"%s\"%s. References are %s: name such a file."
                .formatted(file, needed, foreign, AnnotationForms.KNOWN));
      }
    }
    List<String> orphans = new ArrayList<>(builder.orphans());
    orphans.removeAll(leftOut);
    if (!orphans.isEmpty()) {
      throw new MalformedDataException(
          "%s captions %d image(s) that its \"images\" does not list, such as %s. Add them, or remove their captions."
              .formatted(
                  file,
                  orphans.size(),
                  orphans.subList(0, Math.min(ORPHANS_NAMED, orphans.size()))));
    }
  }

  /** The lines of {@code metadata.jsonl}, the first of which was read. */
  private CocoCaptions rows() {
    references.forEach((name, captions) -> {
      if (ROW_CAPTIONS.contains(name)) {
        requireOnly(name); // they stood before the file's name
        rowCaptions.addAll(captions);
      }
    });
    addRow();
    while (cursor.nextDocument()) {
      cursor.eachMember("a line of metadata", this::readRowMember);
      addRow();
    }
    return builder.build();
  }

  private void addRow() {
    String name =
        rowFile.orElseThrow(
            () -> cursor.malformed("the line that ends here has no \"file_name\"; name its image"));
    if (name.isBlank()) {
      throw cursor.malformed("a file_name is blank; name the image");
    }
    if (rowCaptions.isEmpty()) {
      throw cursor.malformed(
          "the line that ends here has no \"text\", \"caption\" or \"captions\" with a text or a list of texts; add its caption");
    }
    builder.addImage(name, name);
    rowCaptions.forEach(caption -> builder.addCaption(name, caption));
    rowFile = Optional.empty();
    rowMember = Optional.empty();
    rowCaptions.clear();
  }

  private void readRowMember(String name) {
    if (name.equals(FILE_NAME)) {
      rowFile = Optional.of(cursor.string(name));
    } else if (ROW_CAPTIONS.contains(name) && cursor.atString()) {
      requireOnly(name);
      rowCaptions.add(cursor.string(name));
    } else if (ROW_CAPTIONS.contains(name) && cursor.atArray()) {
      requireOnly(name);
      cursor.eachElement(name, () -> rowCaptions.add(cursor.string("a caption")));
    } else {
      cursor.skip();
    }
  }

  /** A line's captions are in one member, as nobody knows whether those of two are meant. */
  private void requireOnly(String name) {
    rowMember.ifPresent(other -> {
      throw cursor.malformed(
          "a line has its captions in both \"%s\" and \"%s\"; keep one of them"
              .formatted(other, name));
    });
    rowMember = Optional.of(name);
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
      case IMAGES -> readList(name, this::readImage);
      case ANNOTATIONS -> readList(name, this::readAnnotation);
      case FILE_NAME -> {
        if (cursor.atString()) {
          readRowMember(name);
        } else {
          readReferences(name);
        }
      }
      default -> {
        if (ROW_CAPTIONS.contains(name) && (rowFile.isPresent() || cursor.atString())) {
          noteForeign(name, cursor.line());
          readRowMember(name);
        } else {
          readReferences(name);
        }
      }
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

  private void readList(String name, Runnable entry) {
    if (!seen.add(name)) {
      throw cursor.malformed("\"%s\" is here a second time; keep one".formatted(name));
    }
    cursor.eachElement("\"" + name + "\"", entry);
  }

  private void readAnnotation() {
    Entry entry = new Entry();
    cursor.eachMember(
        "an entry of \"annotations\"",
        name -> {
          switch (name) {
            case "caption" -> entry.text = Optional.of(cursor.string(name));
            case "image_id" -> entry.id = Optional.of(cursor.id(name));
            default -> cursor.skip();
          }
        });
    builder.addCaption(
        entry.id.orElseThrow(() -> missing(ANNOTATIONS, "image_id")),
        entry.text.orElseThrow(() -> missing(ANNOTATIONS, "caption")));
  }

  /** Reads an image of COCO's or of Karpathy's, which has its captions within. */
  private void readImage() {
    Entry entry = new Entry();
    cursor.eachMember("an entry of \"images\"", name -> readImageMember(name, entry));
    String name = entry.text.orElseThrow(() -> missing(IMAGES, FILE_NAME));
    String path = entry.folder.isEmpty() ? name : entry.folder + "/" + name;
    String id =
        entry
            .id
            .or(() -> entry.karpathys ? Optional.of(path) : Optional.empty())
            .orElseThrow(() -> missing(IMAGES, "id"));
    if (!takes(entry)) {
      leftOut.add(id);
      return;
    }
    addImage(id, path);
    entry.captions.forEach(caption -> builder.addCaption(id, caption));
  }

  private boolean takes(Entry entry) {
    return entry.split == null && entry.domain != null
        ? splits.takesDomain(entry.domain)
        : splits.takes(entry.split);
  }

  private void readImageMember(String name, Entry entry) {
    switch (name) {
      case FILE_NAME, "filename" -> entry.text = Optional.of(cursor.string(name));
      case "id", "cocoid" -> entry.id = Optional.of(cursor.id(name));
      case "imgid" -> {
        entry.karpathys = true; // a place in the file, which names no image
        cursor.skip();
      }
      case "filepath" -> entry.folder = cursor.string(name);
      case "split" -> entry.split = cursor.string(name);
      case "domain" -> {
        if (cursor.atString()) {
          entry.domain = cursor.string(name);
        } else {
          cursor.skip();
        }
      }
      case "sentences" -> {
        sentences = true;
        entry.karpathys = true;
        cursor.eachElement(name, () -> readSentence(entry));
      }
      default -> cursor.skip();
    }
  }

  private void readSentence(Entry entry) {
    int before = entry.captions.size();
    cursor.eachMember(
        "an entry of \"sentences\"",
        name -> {
          if (name.equals("raw")) {
            entry.captions.add(cursor.string(name));
          } else {
            cursor.skip();
          }
        });
    if (entry.captions.size() == before) {
      throw missing("sentences", "raw");
    }
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
        .filter(other -> !other.equals(fileName)) // two files put together
        .ifPresent(other -> {
          throw cursor.malformed(
              "image id %s is both %s and %s; an id names one image"
                  .formatted(id, other, fileName));
        });
  }

  private static final class Entry {
    private Optional<String> id = Optional.empty();
    private boolean karpathys; // whose images need no id
    private Optional<String> text = Optional.empty();
    private String folder = "";
    private @Nullable String split;
    private @Nullable String domain;
    private final List<String> captions = new ArrayList<>();
  }
}
