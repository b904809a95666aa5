package dev.vignette.hub;

import dev.vignette.hub.Repository.RepositoryName;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model as a person names it: {@code owner/name[@revision][:variant]}.
 *
 * @param revision a branch, a tag or a commit; {@code main} when none is named
 * @param variant what is wanted among several in the repository, such as {@code Q4_K_M}
 */
public record ModelReference(RepositoryName name, String revision, Optional<String> variant) {
  /** The branch that is meant when none is named. */
  public static final String MAIN = "main";

  private static final Pattern FORM = Pattern.compile("([^@:]+)(?:@([^:]+))?(?::(.+))?");
  private static final Pattern REVISION =
      Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9._/+-]*[A-Za-z0-9_+-])?");

  /**
   * Checks the revision, which becomes a path in the cache.
   *
   * @throws IllegalArgumentException naming the rule
   */
  public ModelReference {
    if (!REVISION.matcher(revision).matches()
        || revision.contains("..")
        || revision.contains("//")) {
      throw new IllegalArgumentException(
          "'%s' is no revision of %s: give a branch, a tag or a commit, such as %s"
              .formatted(revision, name, MAIN));
    }
  }

  /**
   * Reads {@code owner/name[@revision][:variant]}.
   *
   * @throws IllegalArgumentException if it has another form
   */
  public static ModelReference parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'%s' names no model: write owner/name[@revision][:variant], such as llava-hf/llava-1.5-7b-hf"
              .formatted(text));
    }
    return new ModelReference(
        new RepositoryName(form.group(1)),
        Optional.ofNullable(form.group(2)).orElse(MAIN),
        Optional.ofNullable(form.group(3)));
  }

  /** Whether a text could name a model with its owner, so that asking the hub makes sense. */
  public static boolean isPlausible(String text) {
    try {
      return parse(text).name().text().contains("/");
    } catch (IllegalArgumentException otherwise) {
      return false;
    }
  }

  @Override
  public String toString() {
    return name
        + (revision.equals(MAIN) ? "" : "@" + revision)
        + variant.map(text -> ":" + text).orElse("");
  }
}
