package dev.vignette.captions;

import dev.vignette.captions.reading.JsonCursor;
import dev.vignette.captions.reading.ReadFault;
import dev.vignette.files.faults.MalformedDataException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the forms of predictions; see {@link Predictions#read}. */
final class PredictionsReader {
  private static final String KNOWN =
      "{\"stem\": \"caption\", ...} and {\"id\": [\"caption\"], ...}, COCO's [{\"image_id\": ..., \"caption\": ...}, ...], and any of them a line each (JSONL), also packed by gzip";
  private static final String IMAGE_ID = "image_id";
  private static final String CAPTION = "caption";

  /** What other forms call them, such as Hugging Face's {@code metadata.jsonl}. */
  private static final Set<String> IMAGES = Set.of("file_name", "filename", "image", "id");

  private static final Set<String> TEXTS = Set.of(CAPTION, "text", "captions");

  private final Path file;
  private final JsonCursor cursor;
  private final Gathered gathered;

  /** What the keys of this file are, once an object has shown it. */
  private Predictions.@Nullable Keys keys;

  /** Where a caption was found. */
  private record Place(Path file, int line) {}

  /** The captions of all files so far. */
  static final class Gathered {
    private final SequencedMap<String, String> captions = new LinkedHashMap<>();
    private final Map<String, Place> places = new HashMap<>();
    private Predictions.@Nullable Keys keys;
    private Predictions.Keys withoutAny = Predictions.Keys.FILE;

    Predictions predictions() {
      return new Predictions(Optional.ofNullable(keys).orElse(withoutAny), captions);
    }
  }

  PredictionsReader(Path file, JsonCursor cursor, Gathered gathered) {
    this.file = file;
    this.cursor = cursor;
    this.gathered = gathered;
  }

  /**
   * Refuses a file that begins as no JSON, and says what is read.
   *
   * @param file of which a pipe is not looked at, since it can be read only once
   * @throws MalformedDataException saying how it begins
   */
  static void requireForm(Path file) {
    if (!Files.isRegularFile(file)) {
      return;
    }
    try (InputStream in =
        JsonCursor.unpacked(new BufferedInputStream(Files.newInputStream(file)))) {
      byte[] head = in.readNBytes(FileHead.BYTES);
      if (head.length > 1 && !isUtf16(head) && FileHead.isText(head)) {
        throw new MalformedDataException(
            "%s is in none of the forms of predictions that are read, which are %s. It begins with \"%s\"."
                .formatted(file, KNOWN, FileHead.line(new String(head, StandardCharsets.UTF_8))));
      }
    } catch (IOException failure) {
      throw ReadFault.unreadable(file, failure);
    }
  }

  /** With a byte order mark or without one, as the parser of JSON reads it. */
  private static boolean isUtf16(byte[] head) {
    return head[0] == 0 || head[1] == 0 || (head[0] & head[1] & 0xFE) == 0xFE;
  }

  /** Reads all of the file into what is gathered. */
  void read() {
    if (cursor.atArray()) {
      gathered.withoutAny = Predictions.Keys.IMAGE_ID;
      cursor.eachElement("results", () -> add(readObject("a result"), this::kindOfElement));
      refuseMore();
      return;
    }
    List<Member> first = readObject("predictions");
    boolean alone = !cursor.nextDocument();
    add(first, alone ? PredictionsReader::kindOfDocument : this::kindOfElement);
    for (boolean more = !alone; more; more = cursor.nextDocument()) {
      List<Member> next = readObject("a line of predictions");
      if (first.isEmpty() || next.isEmpty()) {
        throw cursor.malformed(
            "there is more after the end of the JSON; the file should hold one value, or a caption a line");
      }
      add(next, this::kindOfElement);
    }
  }

  private void refuseMore() {
    if (cursor.nextDocument()) {
      throw cursor.malformed(
          "there is more after the end of the list; the file should hold one list");
    }
  }

  /**
   * A member of an object.
   *
   * @param id its value, if that is a text or a whole number
   * @param text its value, if that is a text
   * @param list its value, if that is a list of texts
   * @param found what its value is, for a complaint
   * @param line where it stands, from 1
   */
  private record Member(
      String name,
      @Nullable String id,
      @Nullable String text,
      @Nullable List<String> list,
      String found,
      int line) {}

  private List<Member> readObject(String what) {
    List<Member> members = new ArrayList<>();
    cursor.eachMember(what, name -> members.add(readMember(name)));
    return members;
  }

  private Member readMember(String name) {
    int line = cursor.line();
    if (cursor.atString()) {
      String text = cursor.string(name);
      return new Member(name, text, text, null, "", line);
    }
    String found = cursor.found();
    if (!cursor.atArray()) {
      String id = cursor.atInteger() ? cursor.id(name) : null;
      cursor.skip();
      return new Member(name, id, null, null, found, line);
    }
    List<String> texts = new ArrayList<>();
    boolean[] onlyTexts = {true};
    cursor.eachElement(
        name,
        () -> {
          if (cursor.atString()) {
            texts.add(cursor.string(name));
          } else {
            onlyTexts[0] = false;
            cursor.skip();
          }
        });
    return new Member(name, null, null, onlyTexts[0] ? texts : null, found, line);
  }

  /** A whole object is a result only if it is plainly one, since any name may be a file's stem. */
  private static Predictions.Keys kindOfDocument(List<Member> members) {
    return last(members, IMAGE_ID).isPresent() && last(members, CAPTION).isPresent()
        ? Predictions.Keys.IMAGE_ID
        : Predictions.Keys.FILE;
  }

  /** One object of many is of the kind of the first, or a result where it looks like one. */
  private Predictions.Keys kindOfElement(List<Member> members) {
    if (keys != null) {
      return keys;
    }
    Optional<String> image = named(members, IMAGES);
    Optional<String> text = named(members, TEXTS);
    if (image.isPresent() && text.isPresent() && last(members, IMAGE_ID).isEmpty()) {
      throw cursor.malformedAt(
          members.getLast().line,
          "the result that ends here has \"%s\" and \"%s\", but no \"image_id\"; every result needs image_id and caption: name the file that --output wrote, or rename them"
              .formatted(image.get(), text.get()));
    }
    return last(members, IMAGE_ID).isPresent() || last(members, CAPTION).isPresent()
        ? Predictions.Keys.IMAGE_ID
        : Predictions.Keys.FILE;
  }

  /** The member of one of some names. */
  private static Optional<String> named(List<Member> members, Set<String> names) {
    return members.stream().map(Member::name).filter(names::contains).findFirst();
  }

  /** Says what the keys of an object are. */
  @FunctionalInterface
  private interface KindOf {
    Predictions.Keys apply(List<Member> members);
  }

  private void add(List<Member> members, KindOf kindOf) {
    if (members.isEmpty() && keys == null && gathered.keys != null) {
      return; // an empty part shows nothing
    }
    keys = kindOf.apply(members);
    if (gathered.keys != null && gathered.keys != keys) {
      throw cursor.malformed(
          "it calls images by %s, and the files before it by %s; name files of one kind, by a pattern such as part-*.json if need be"
              .formatted(named(keys), named(gathered.keys)));
    }
    if (!members.isEmpty()) {
      gathered.keys = keys;
    }
    if (keys == Predictions.Keys.FILE) {
      members.forEach(member ->
          add(member.name, caption(member, "the caption of \"" + member.name + "\""), member.line));
      return;
    }
    Member id = only(members, IMAGE_ID);
    Member caption = only(members, CAPTION);
    if (id.id == null) {
      throw cursor.malformedAt(
          id.line,
          "image_id should be a whole number or a text \"...\", but is %s".formatted(id.found));
    }
    add(id.id, caption(caption, CAPTION), id.line);
  }

  private Member only(List<Member> members, String name) {
    List<Member> all = members.stream().filter(member -> member.name.equals(name)).toList();
    if (all.size() > 1) {
      throw cursor.malformedAt(
          all.get(1).line,
          "this result has \"%s\" %d times; every result has one".formatted(name, all.size()));
    }
    return all.stream().findFirst().orElseThrow(() -> missing(name, members));
  }

  private static Optional<Member> last(List<Member> members, String name) {
    return members.reversed().stream().filter(member -> member.name.equals(name)).findFirst();
  }

  private MalformedDataException missing(String name, List<Member> members) {
    return cursor.malformedAt(
        members.isEmpty() ? cursor.line() : members.getLast().line,
        "the result that ends here has no \"%s\"; every result needs image_id and caption"
            .formatted(name));
  }

  private String caption(Member member, String what) {
    if (member.text != null) {
      return member.text;
    }
    if (member.list == null) {
      if (member.found.equals("a list")) {
        throw cursor.malformedAt(
            member.line,
            "%s should be a text \"...\" or a list of one, but is a list of others; where it holds all results, make it the whole file"
                .formatted(what));
      }
      throw cursor.malformedAt(
          member.line,
          "%s should be a text \"...\" or a list of one, but is %s".formatted(what, member.found));
    }
    if (member.list.size() != 1) {
      throw cursor.malformedAt(
          member.line,
          "%s is a list of %d captions; predictions have one caption an image: keep one"
              .formatted(what, member.list.size()));
    }
    return member.list.getFirst();
  }

  private void add(String key, String caption, int line) {
    if (key.isBlank()) {
      throw cursor.malformedAt(line, "a key is blank; it should name an image");
    }
    Place before = gathered.places.putIfAbsent(key, new Place(file, line));
    if (before != null) {
      throw cursor.malformedAt(
          line,
          "\"%s\" already has a caption, in %sline %d; an image has one caption: remove one"
              .formatted(key, before.file.equals(file) ? "" : before.file + ", ", before.line));
    }
    gathered.captions.put(key, caption);
  }

  private static String named(Predictions.Keys keys) {
    return keys == Predictions.Keys.FILE ? "file" : "image_id";
  }
}
