package dev.vignette.captions;

import dev.vignette.captions.reading.JsonCursor;
import dev.vignette.captions.reading.ReadFault;
import dev.vignette.captions.shards.TarHeader;
import dev.vignette.files.TextFile;
import dev.vignette.files.faults.MalformedDataException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The forms in which data sets give references, told apart by what is in the file. */
final class AnnotationForms {
  static final String KNOWN =
      "COCO's and NoCaps' {\"images\": [...], \"annotations\": [...]}, Karpathy's dataset_*.json, {\"id\": [\"caption\", ...]}, Hugging Face's metadata.jsonl, Flickr's results.csv or token file, tables with columns for image and caption, and WebDataset's tar shards with .txt or .json, all of them also packed by gzip";

  private AnnotationForms() {}

  static CocoCaptions read(Path file, SplitChoice splits) {
    if (Files.isDirectory(file)) {
      throw new MalformedDataException(
          "%s is a folder, but references are one file. Name it; of several shards make one (tar --concatenate --file=all.tar 0.tar 1.tar)."
              .formatted(file));
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new MalformedDataException(
          "%s is a pipe or a device, which can be read only once, and references are looked at before they are read. Name a regular file."
              .formatted(file));
    }
    try (InputStream in =
        JsonCursor.unpacked(new BufferedInputStream(Files.newInputStream(file)))) {
      byte[] head = in.readNBytes(FileHead.BYTES);
      if (isShard(head)) {
        return ShardReferences.read(file, splits);
      }
      if (!FileHead.isText(head)) {
        return JsonCursor.open(file, cursor -> new CocoReader(file, cursor, splits).read());
      }
    } catch (IOException failure) {
      throw ReadFault.unreadable(file, failure);
    }
    String text = text(file);
    CocoCaptions captions =
        CaptionTable.read(file, text, splits)
            .orElseThrow(() ->
                new MalformedDataException(
                    "%s is in none of the forms of references that are read, which are %s. It begins with \"%s\"."
                        .formatted(file, KNOWN, FileHead.line(text))));
    splits.requireFound(file);
    return captions;
  }

  private static boolean isShard(byte[] head) {
    return TarHeader.beginsArchive(head);
  }

  private static String text(Path file) {
    try (InputStream in =
        JsonCursor.unpacked(new BufferedInputStream(Files.newInputStream(file)))) {
      return TextFile.read(file.toString(), in);
    } catch (IOException failure) {
      throw ReadFault.unreadable(file, failure);
    }
  }
}
