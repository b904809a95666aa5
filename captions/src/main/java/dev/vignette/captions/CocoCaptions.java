package dev.vignette.captions;

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
 * "file_name"}], "annotations": [{"image_id", "caption"}]}}.
 *
 * @param byId the images by id, in the order of the file; copied, unmodifiable
 */
public record CocoCaptions(SequencedMap<Long, Image> byId) {

  /**
   * One image.
   *
   * @param id its id
   * @param fileName its file, relative to the folder of images
   * @param captions its captions in the order of the file; may be none
   */
  public record Image(long id, String fileName, List<String> captions) {
    /** Copies the captions. */
    public Image {
      if (fileName.isBlank()) {
        throw new IllegalArgumentException(
            "An image has a file name, but that of image %d is blank".formatted(id));
      }
      captions = List.copyOf(captions);
    }

    /** The file's name without folders and extension: the key of predictions. */
    public String stem() {
      return FileStem.of(fileName);
    }
  }

  /** Copies the images. */
  public CocoCaptions {
    byId.forEach((id, image) -> {
      if (id != image.id()) {
        throw new IllegalArgumentException(
            "Image %d is filed under the id %d".formatted(image.id(), id));
      }
    });
    byId = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(byId));
  }

  /** The images in the order of the file. */
  public SequencedCollection<Image> images() {
    return byId.sequencedValues();
  }

  /** The image with {@code id}, if there is one. */
  public Optional<Image> image(long id) {
    return Optional.ofNullable(byId.get(id));
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
            "The annotations have two images with the stem \"%s\": %s (id %d) and %s (id %d). Predictions are by stem: rename one."
                .formatted(
                    image.stem(), other.fileName(), other.id(), image.fileName(), image.id()));
      }
    }
    return Collections.unmodifiableSequencedMap(stems);
  }

  /**
   * Reads an annotation file. Members that are not needed are passed over; {@code annotations} may
   * come first.
   *
   * @throws MalformedDataException if something is missing, twice there, or about an image that is
   *     not there; the message names it
   * @throws UncheckedIOException if the file cannot be read
   */
  public static CocoCaptions read(Path file) {
    return JsonCursor.read(file, cursor -> new CocoReader(file, cursor).read());
  }

  /** Images and captions in the order they come. */
  static final class Builder {
    private final SequencedMap<Long, String> fileNames = new LinkedHashMap<>();
    private final SequencedMap<Long, List<String>> captions = new LinkedHashMap<>();

    /** Returns the file name already there under {@code id}, if any, and then changes nothing. */
    Optional<String> addImage(long id, String fileName) {
      return Optional.ofNullable(fileNames.putIfAbsent(id, fileName));
    }

    void addCaption(long imageId, String caption) {
      captions.computeIfAbsent(imageId, id -> new ArrayList<>()).add(caption);
    }

    /** The ids that have captions but no image. */
    List<Long> orphans() {
      return captions.keySet().stream().filter(id -> !fileNames.containsKey(id)).toList();
    }

    CocoCaptions build() {
      SequencedMap<Long, Image> images = new LinkedHashMap<>();
      fileNames.forEach((id, fileName) ->
          images.put(id, new Image(id, fileName, captions.getOrDefault(id, List.of()))));
      return new CocoCaptions(images);
    }
  }
}
