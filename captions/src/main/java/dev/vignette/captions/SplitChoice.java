package dev.vignette.captions;

import dev.vignette.files.faults.MalformedDataException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which splits of a data set are read: all of them unless some are named. */
final class SplitChoice {
  private final SequencedSet<String> wanted;
  private final boolean atMostOne;
  private final Set<String> found = new TreeSet<>();
  private final Set<String> domains = new TreeSet<>();

  SplitChoice(List<String> wanted) {
    this(wanted, false);
  }

  private SplitChoice(List<String> wanted, boolean atMostOne) {
    this.wanted = new LinkedHashSet<>(wanted);
    this.atMostOne = atMostOne;
  }

  /** All images of a file that has one split, or knows none. */
  static SplitChoice undivided() {
    return new SplitChoice(List.of(), true);
  }

  /** Whether an image of a split is read; an image of none only where none is named. */
  boolean takes(@Nullable String split) {
    if (split != null) {
      found.add(split);
    }
    return wanted.isEmpty() || (split != null && wanted.contains(split));
  }

  /** Whether an image of a domain is read: domains are chosen like splits, but go together. */
  boolean takesDomain(String domain) {
    domains.add(domain);
    return wanted.isEmpty() || wanted.contains(domain);
  }

  /**
   * Checks that there was an image of each split named, and of one split where one is meant.
   *
   * @throws MalformedDataException if not; it names the splits that the file has
   */
  void requireFound(Path file) {
    if (atMostOne && found.size() > 1) {
      throw new MalformedDataException(
          "%s has images of the splits %s, and no split is chosen here, so that what is trained on and what is tested on would be mixed. Name a file with the images of one split: docs/data-sets.md says how to make one."
              .formatted(file, String.join(", ", found)));
    }
    found.addAll(domains);
    if (found.isEmpty()) {
      requireNone(file);
    }
    for (String split : wanted) {
      if (!found.contains(split)) {
        throw new MalformedDataException(
            "%s has no images of the split \"%s\". Choose from %s."
                .formatted(file, split, String.join(", ", found)));
      }
    }
  }

  /** Checks that none was named, since the file knows none. */
  void requireNone(Path file) {
    if (!wanted.isEmpty()) {
      throw new MalformedDataException(
          "%s does not say of which split its images are, so \"%s\" cannot be chosen. Leave the split out, or name a file that says it, such as Karpathy's dataset_coco.json."
              .formatted(file, String.join(",", wanted)));
    }
  }
}
