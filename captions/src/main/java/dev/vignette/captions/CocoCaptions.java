package dev.vignette.captions;

import dev.vignette.files.FileStem;
import dev.vignette.files.faults.MalformedDataException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedCollection;
import java.util.SequencedMap;

/**
 * Images with their reference captions, from COCO's annotation files: {@code {"images": [{"id",
 * "file_name"}], "annotations": [{"image_id", "caption"}]}}, or from a map {@code {"id":
 * ["caption", ...]}}. An id is a text; where the file has a number it is its digits.
 *
 * @param byId the images by id, in the order of the file; copied, unmodifiable
 */
public record CocoCaptions(SequencedMap<String, Image> byId) {

  /**
   * One image.
   *
   * @param id its id
   * @param fileName its file, relative to the folder of images
   * @param stem the key of predictions, most often the file's name without folders and extension
   * @param captions its captions in the order of the file; may be none
   */
  public record Image(String id, String fileName, String stem, List<String> captions) {
    /** Copies the captions. */
    public Image {
      if (fileName.isBlank()) {
        throw new IllegalArgumentException(
            "An image has a file name, but that of image %s is blank".formatted(id));
      }
      captions = List.copyOf(captions);
    }

    /** An image whose key is its file's stem. */
    public Image(String id, String fileName, List<String> captions) {
      this(id, fileName, FileStem.of(fileName), captions);
    }

    /** An image with a number as its id. */
    public Image(long id, String fileName, List<String> captions) {
      this(Long.toString(id), fileName, captions);
    }
  }

  /** Copies the images. */
  public CocoCaptions {
    byId.forEach((id, image) -> {
      if (!id.equals(image.id())) {
        throw new IllegalArgumentException(
            "Image %s is filed under the id %s".formatted(image.id(), id));
      }
    });
    byId = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(byId));
  }

  /** The images in the order of the file. */
  public SequencedCollection<Image> images() {
    return byId.sequencedValues();
  }

  /** The image with {@code id}, if there is one. */
  public Optional<Image> image(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** The image whose id is the number {@code id}, if there is one. */
  public Optional<Image> image(long id) {
    return image(Long.toString(id));
  }

  /**
   * The images by file stem, in the order of the file; made anew at each call.
   *
   * @throws MalformedDataException if two images share a stem
   */
  public SequencedMap<String, Image> byStem() {
    SequencedMap<String, Image> stems = new LinkedHashMap<>();
    for (Image image : images()) {
      Image other = stems.putIfAbsent(image.stem(), image);
      if (other != null) {
        throw new MalformedDataException(
            "The annotations have two images with the stem \"%s\": %s (id %s) and %s (id %s). Predictions are by stem: rename one."
                .formatted(
                    image.stem(), other.fileName(), other.id(), image.fileName(), image.id()));
      }
    }
    return Collections.unmodifiableSequencedMap(stems);
  }

  /**
   * Reads references in any of the forms of data sets, packed by gzip or not: COCO's (NoCaps' is
   * the same), Karpathy's, a map, Hugging Face's {@code metadata.jsonl}, Flickr's tables. The
   * content says which it is. COCO's members that are not needed are passed over; {@code
   * annotations} may come first. In a map the ids are what predictions call the images: a file
   * name, a file's stem, or an id; in tables and {@code metadata.jsonl} they are file names.
   *
   * @throws MalformedDataException if something is missing, twice there, or about an image that is
   *     not there, and if the file has several splits, of which nobody chose; the message names it
   * @throws UncheckedIOException if the file cannot be read
   */
  public static CocoCaptions read(Path file) {
    return AnnotationForms.read(file, SplitChoice.undivided());
  }

  /**
   * Reads the images of some splits only, or deliberately of all.
   *
   * @param splits such as {@code test} of Karpathy's, or a domain of NoCaps'; none for all images
   * @throws MalformedDataException as there, and if there is no image of a split; the message names
   *     those that there are
   * @throws UncheckedIOException if the file cannot be read
   */
  public static CocoCaptions read(Path file, List<String> splits) {
    return AnnotationForms.read(file, new SplitChoice(splits));
  }

  /** Images and captions in the order they come. */
  static final class Builder {
    private final SequencedMap<String, String> fileNames = new LinkedHashMap<>();
    private final SequencedMap<String, List<String>> captions = new LinkedHashMap<>();

    /** Returns the file name already there under {@code id}, if any, and then changes nothing. */
    Optional<String> addImage(String id, String fileName) {
      return Optional.ofNullable(fileNames.putIfAbsent(id, fileName));
    }

    void addCaption(String imageId, String caption) {
      captions.computeIfAbsent(imageId, id -> new ArrayList<>()).add(caption);
    }

    /** The ids that have captions but no image. */
    List<String> orphans() {
      return captions.keySet().stream().filter(id -> !fileNames.containsKey(id)).toList();
    }

    CocoCaptions build() {
      SequencedMap<String, Image> images = new LinkedHashMap<>();
      fileNames.forEach((id, fileName) ->
          images.put(id, new Image(id, fileName, captions.getOrDefault(id, List.of()))));
      return new CocoCaptions(images);
    }
  }
}
