package dev.vignette.hub;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a model's repository on the hub, {@code owner/name}, or {@code name} alone as the
 * oldest have it.
 *
 * @param text letters, digits, {@code -}, {@code _} and {@code .} around at most one slash; 96
 *     characters at most
 */
public record RepositoryName(String text) {
  private static final String PART = "[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?";
  private static final Pattern RULE = Pattern.compile(PART + "(?:/" + PART + ")?");
  private static final int MOST_CHARACTERS = 96;
  private static final String FOLDER_PREFIX = "models--";
  private static final String SEPARATOR = "--";

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException naming the rule
   */
  public RepositoryName {
    if (text.length() > MOST_CHARACTERS
        || !RULE.matcher(text).matches()
        || text.contains(SEPARATOR)
        || text.contains("..")) {
      throw new IllegalArgumentException(
          ("'%s' is no name of a repository: it has the form owner/name with letters, digits, '-',"
                  + " '_' and '.', without '--' and '..', %d characters at most, such as"
                  + " llava-hf/llava-1.5-7b-hf")
              .formatted(text, MOST_CHARACTERS));
    }
  }

  /** The folder of the cache that holds it, {@code models--owner--name}. */
  String folder() {
    return FOLDER_PREFIX + text.replace("/", SEPARATOR);
  }

  /** The name whose folder this is; nothing for any other folder. */
  static Optional<RepositoryName> ofFolder(String folder) {
    if (!folder.startsWith(FOLDER_PREFIX)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new RepositoryName(
              folder.substring(FOLDER_PREFIX.length()).replaceFirst(SEPARATOR, "/")));
    } catch (IllegalArgumentException notOurs) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
