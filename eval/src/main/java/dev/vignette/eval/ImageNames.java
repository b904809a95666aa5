package dev.vignette.eval;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.CocoCaptions.Image;
import dev.vignette.captions.Predictions.Keys;
import dev.vignette.files.FileStem;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The images of annotations by the names that predictions may give them. */
final class ImageNames {
  /** COCO's ids in file names: {@code 000000391895}, {@code COCO_val2014_000000391895}. */
  private static final Pattern NUMBERED = Pattern.compile("(?:.*_(?=\\d{12}$))?(\\d{1,18})");

  private final CocoCaptions annotations;
  private final Map<String, Image> byName = new HashMap<>();
  private final Set<String> ambiguous = new HashSet<>();

  ImageNames(CocoCaptions annotations) {
    this.annotations = annotations;
    for (Image image : annotations.images()) {
      name(image.fileName(), image);
      name(image.stem(), image);
      name(image.fileName().substring(image.fileName().lastIndexOf('/') + 1), image);
    }
  }

  /**
   * The image that a key of predictions names, if there is one and only one: a file name, a stem, a
   * path whose stem it is, its id, or its number; a key that is an image id is looked up as such
   * first.
   */
  Optional<Image> find(String key, Keys keys) {
    String stem = FileStem.of(key.replace('\\', '/'));
    Optional<Image> byId = keys == Keys.IMAGE_ID ? byId(key, key) : Optional.empty();
    return byId.or(() -> Optional.ofNullable(named(key)))
        .or(() -> Optional.ofNullable(named(stem)))
        .or(() -> ambiguous.contains(stem) ? Optional.empty() : byId(key, stem));
  }

  /** The image with an id, as it is written or as a number. */
  private Optional<Image> byId(String id, String number) {
    return annotations.image(id).or(() -> byNumber(number));
  }

  private Optional<Image> byNumber(String name) {
    Matcher number = NUMBERED.matcher(name);
    return number.matches() ? annotations.image(Long.parseLong(number.group(1))) : Optional.empty();
  }

  private @Nullable Image named(String name) {
    return ambiguous.contains(name) ? null : byName.get(name);
  }

  private void name(String name, Image image) {
    Image other = byName.putIfAbsent(name, image);
    if (other != null && !other.id().equals(image.id())) {
      ambiguous.add(name);
    }
  }
}
