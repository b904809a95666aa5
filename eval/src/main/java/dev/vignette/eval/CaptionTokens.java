package dev.vignette.eval;

import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import dev.vignette.eval.tokenize.TokenizedCaptions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The tokens of all candidates and references.
 *
 * @param candidates a line an image
 * @param references the lines of each image's references
 * @param notes which captions are not where they belong, whole sentences
 */
record CaptionTokens(List<String> candidates, List<List<String>> references, List<String> notes) {

  /**
   * Tokenizes as the reference does: the candidates in the order of the predictions, the references
   * in that of the images.
   *
   * @param known the references that were tokenized before
   */
  static CaptionTokens of(
      List<ScoredImage> images,
      CaptionTokenizer tokenizer,
      Tokenization mode,
      KnownReferences known) {
    List<ScoredImage> asPredicted =
        images.stream().sorted(Comparator.comparingInt(ScoredImage::place)).toList();
    List<ScoredImage> ofReference = new ArrayList<>();
    for (ScoredImage image : images) {
      image.image().captions().forEach(caption -> ofReference.add(image));
    }
    List<String> captions = asPredicted.stream().map(ScoredImage::caption).toList();
    List<String> references =
        images.stream().flatMap(image -> image.image().captions().stream()).toList();
    List<Supplier<TokenizedCaptions>> both =
        List.of(() -> tokenizer.tokenize(captions, mode), () -> known.tokens(references, mode));
    List<TokenizedCaptions> tokens = both.parallelStream().map(Supplier::get).toList();
    return new CaptionTokens(
        inImageOrder(images, asPredicted, tokens.getFirst().lines()),
        byImage(images, tokens.getLast().lines()),
        Stream.concat(
                notes("Captions", asPredicted, tokens.getFirst()),
                notes("References", ofReference, tokens.getLast()))
            .toList());
  }

  /** Whether all tokens are the same as other tokens. */
  boolean sameLines(CaptionTokens other) {
    return candidates.equals(other.candidates) && references.equals(other.references);
  }

  private static List<String> inImageOrder(
      List<ScoredImage> images, List<ScoredImage> asPredicted, List<String> lines) {
    int last = asPredicted.getLast().place();
    String[] byPlace = new String[last + 1];
    for (int i = 0; i < lines.size(); i++) {
      byPlace[asPredicted.get(i).place()] = lines.get(i);
    }
    return images.stream().map(image -> byPlace[image.place()]).toList();
  }

  private static List<List<String>> byImage(List<ScoredImage> images, List<String> lines) {
    List<List<String>> references = new ArrayList<>(images.size());
    int from = 0;
    for (ScoredImage image : images) {
      int to = from + image.image().captions().size();
      references.add(List.copyOf(lines.subList(from, to)));
      from = to;
    }
    return references;
  }

  private static Stream<String> notes(
      String what, List<ScoredImage> owners, TokenizedCaptions tokens) {
    return Stream.of(
            note(
                what + " with an odd line break, after which the reference shifts all others",
                owners,
                tokens.breaking()),
            note(what + " that get the words of another", owners, tokens.misplaced()),
            note(what + " that the reference drops", owners, tokens.dropped()))
        .flatMap(Optional::stream);
  }

  private static Optional<String> note(
      String what, List<ScoredImage> owners, List<Integer> places) {
    return places.isEmpty()
        ? Optional.empty()
        : Optional.of(
            NameList.of(
                    what, places.stream().map(place -> owners.get(place).image().stem()).toList())
                + ".");
  }
}
