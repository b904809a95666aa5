package dev.vignette.decoding.search;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.CaptionSearch.Continuation;
import dev.vignette.decoding.search.CaptionSearch.LogitRows;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A made-up language model: the logits after a text are random numbers seeded by the prompt and
 * that text. Keeps each hypothesis' tokens, so that a search that mixes up parents gives another
 * result. A prompt is a seed; a negative one cannot be read.
 */
final class TableModel extends DecodingDriver<Long, TableModel.Place> {

  private final int vocabularySize;
  private final int places;
  final Set<Place> taken = new HashSet<>();

  /** What a prompt's hypotheses have read. */
  static final class Place {
    private List<int[]> hypotheses = List.of(new int[0]);
  }

  TableModel(int vocabularySize, int places) {
    super(vocabularySize);
    this.vocabularySize = vocabularySize;
    this.places = places;
  }

  /** The logits after a text; the first is not a number where the prompt is a multiple of 1,000. */
  static float[] logitsAfter(int vocabularySize, long seed, int[] tokens) {
    Random random = new Random(31 * seed + Arrays.hashCode(tokens));
    float[] logits = new float[vocabularySize];
    for (int i = 0; i < vocabularySize; i++) {
      logits[i] = (float) (2 * random.nextGaussian());
    }
    if (seed > 0 && seed % 1000 == 0) {
      logits[vocabularySize - 1] = Float.NaN;
    }
    return logits;
  }

  @Override
  public int capacity(GenerationConfig config) {
    return places;
  }

  @Override
  protected void check(Long prompt, CaptionSearch search) {
    if (search.maxNewTokens() > 1000) {
      throw new IllegalArgumentException("at most 1000 tokens");
    }
  }

  @Override
  protected Optional<Place> admit(Long prompt, CaptionSearch search) {
    if (taken.size() == places) {
      return Optional.empty();
    }
    Place place = new Place();
    taken.add(place);
    return Optional.of(place);
  }

  @Override
  protected void decode(List<Member<Long, Place>> members) {
    for (Member<Long, Place> member : members) {
      if (member.prompt() < 0) {
        member.fail(new IllegalStateException("prompt " + member.prompt() + " cannot be read"));
        continue;
      }
      Place place = member.state();
      member.next().ifPresent(next -> place.hypotheses = advance(place.hypotheses, next));
      List<int[]> now = place.hypotheses;
      member.decoded(
          new LogitRows() {
            @Override
            public String model() {
              return "the table";
            }

            @Override
            public void read(int hypothesis, float[] destination) {
              float[] logits = logitsAfter(vocabularySize, member.prompt(), now.get(hypothesis));
              System.arraycopy(logits, 0, destination, 0, vocabularySize);
            }
          });
    }
  }

  private static List<int[]> advance(List<int[]> hypotheses, Continuation next) {
    return java.util.stream.IntStream.range(0, next.width())
        .mapToObj(i -> {
          int[] parent = hypotheses.get(next.parents()[i]);
          int[] longer = Arrays.copyOf(parent, parent.length + 1);
          longer[parent.length] = next.tokens()[i];
          return longer;
        })
        .toList();
  }

  @Override
  protected void release(Place place) {
    taken.remove(place);
  }

  @Override
  protected void free() {}
}
