package dev.vignette.attention;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Which layers and heads are traced.
 *
 * @param layers from 0, ascending; empty for all
 * @param heads the heads, or their mean
 */
public record AttentionSelection(List<Integer> layers, Heads heads) {

  /** Which heads of a layer. */
  public sealed interface Heads {
    /** The mean over all heads, one row a layer. */
    record Mean() implements Heads {}

    /** Each head, a row each. */
    record All() implements Heads {}

    /** One head, from 0. */
    record One(int head) implements Heads {}

    /**
     * Reads {@code mean}, {@code all} or the number of a head.
     *
     * @throws IllegalArgumentException for anything else
     */
    static Heads parse(String text) {
      if (text.equals("mean")) {
        return new Mean();
      }
      if (text.equals("all")) {
        return new All();
      }
      if (text.matches("\\d{1,4}")) {
        return new One(Integer.parseInt(text));
      }
      throw new IllegalArgumentException(
          "heads are mean, all, or the number of one head from 0, not '%s'".formatted(text));
    }
  }

  /** All layers, the mean of their heads. */
  public static final AttentionSelection MEAN = new AttentionSelection(List.of(), new Heads.Mean());

  /** Every layer and every head. */
  public static final AttentionSelection ALL = new AttentionSelection(List.of(), new Heads.All());

  public AttentionSelection {
    layers = List.copyOf(new TreeSet<>(layers));
  }

  /**
   * Reads layers such as {@code 14-20}, {@code 3,5,7-9} or {@code all}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static AttentionSelection parse(String layers, String heads) {
    TreeSet<Integer> numbers = new TreeSet<>();
    if (!layers.equals("all")) {
      for (String part : layers.split(",", -1)) {
        addRange(part.strip(), layers, numbers);
      }
    }
    return new AttentionSelection(List.copyOf(numbers), Heads.parse(heads));
  }

  private static void addRange(String part, String all, TreeSet<Integer> numbers) {
    if (!part.matches("\\d{1,4}(-\\d{1,4})?")) {
      throw new IllegalArgumentException(
          "layers are all, or numbers and ranges from 0 such as 3,5,14-20, not '%s'"
              .formatted(all));
    }
    String[] ends = part.split("-", 2);
    int from = Integer.parseInt(ends[0]);
    int to = Integer.parseInt(ends[ends.length - 1]);
    if (from > to) {
      throw new IllegalArgumentException(
          "a range of layers goes up, but '%s' goes down".formatted(part));
    }
    IntStream.rangeClosed(from, to).forEach(numbers::add);
  }

  /**
   * The layers of a model that has {@code count}.
   *
   * @throws IllegalArgumentException if it lacks one
   */
  public List<Integer> layersOf(int count) {
    if (!layers.isEmpty() && layers.getLast() >= count) {
      throw new IllegalArgumentException(
          "this model has the layers 0 to %d, not %d".formatted(count - 1, layers.getLast()));
    }
    return layers.isEmpty() ? IntStream.range(0, count).boxed().toList() : layers;
  }

  /**
   * The heads of a layer that has {@code count}; empty for their mean.
   *
   * @throws IllegalArgumentException if it lacks the one asked for
   */
  public List<Integer> headsOf(int count) {
    return switch (heads) {
      case Heads.Mean _ -> List.of();
      case Heads.All _ -> IntStream.range(0, count).boxed().toList();
      case Heads.One(int head) -> {
        if (head >= count) {
          throw new IllegalArgumentException(
              "this model has the heads 0 to %d, not %d".formatted(count - 1, head));
        }
        yield List.of(head);
      }
    };
  }
}
