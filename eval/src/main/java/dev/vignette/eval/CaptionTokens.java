package dev.vignette.eval;

import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.metric.CaptionCorpus;
import dev.vignette.eval.metric.CaptionCorpus.WordLines;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.CaptionTokenizer.LinePlaces;
import dev.vignette.eval.tokenize.Tokenization;
import dev.vignette.files.sentences.NameList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The tokens of all candidates and references.
 *
 * @param corpus the tokens as words, in the order of the images
 * @param notes which captions are not where they belong, whole sentences
 */
record CaptionTokens(CaptionCorpus corpus, List<String> notes) {

  /** Tokens of many captions, which nobody changes, and which are not where they belong. */
  record Tokenized(WordLines lines, LinePlaces places) {
    static Tokenized of(List<String> captions, CaptionTokenizer tokenizer, Tokenization mode) {
      WordLines lines = new WordLines();
      return new Tokenized(lines, tokenizer.tokenize(captions, mode, lines::add));
    }
  }

  /** What gives the tokens of references, a line a text. */
  @FunctionalInterface
  interface ReferenceTokens {
    Tokenized tokens(List<String> texts, Tokenization mode);
  }

  /**
   * Tokenizes as the reference does: the candidates in the order of the predictions, the references
   * in that of the images.
   *
   * @param of what tokenizes references, or knows them
   */
  static CaptionTokens of(
      List<ScoredImage> images, CaptionTokenizer tokenizer, Tokenization mode, ReferenceTokens of) {
    int[] asPredicted =
        IntStream.range(0, images.size())
            .boxed()
            .sorted(Comparator.comparingInt(image -> images.get(image).place()))
            .mapToInt(Integer::intValue)
            .toArray();
    CompletableFuture<Tokenized> candidates =
        CompletableFuture.supplyAsync(() ->
            Tokenized.of(
                Arrays.stream(asPredicted).mapToObj(i -> images.get(i).caption()).toList(),
                tokenizer,
                mode));
    Tokenized references =
        of.tokens(
            images.stream().flatMap(image -> image.image().captions().stream()).toList(), mode);
    int[] counts = images.stream().mapToInt(image -> image.image().captions().size()).toArray();
    Tokenized predicted = Awaited.result(candidates);
    LinePlaces places = predicted.places();
    List<String> notes =
        Stream.concat(
                notes("Captions", places, line -> images.get(asPredicted[line])),
                notes("References", references.places(), line -> images.get(owner(counts, line))))
            .toList();
    return new CaptionTokens(
        new CaptionCorpus(predicted.lines(), inverse(asPredicted), references.lines(), counts),
        notes);
  }

  /** By place: where it stands among the places given. */
  private static int[] inverse(int[] places) {
    int[] inverse = new int[places.length];
    for (int i = 0; i < places.length; i++) {
      inverse[places[i]] = i;
    }
    return inverse;
  }

  /** The image that a line of the references is of. */
  private static int owner(int[] counts, int line) {
    int image = 0;
    for (int left = line; left >= counts[image]; image++) {
      left -= counts[image];
    }
    return image;
  }

  private static Stream<String> notes(
      String what, LinePlaces places, IntFunction<ScoredImage> owner) {
    return Stream.of(
            note(
                what + " with an odd line break, after which the reference shifts all others",
                owner,
                places.breaking()),
            note(what + " that get the words of another", owner, places.misplaced()),
            note(what + " that the reference drops", owner, places.dropped()))
        .flatMap(Optional::stream);
  }

  private static Optional<String> note(
      String what, IntFunction<ScoredImage> owner, List<Integer> lines) {
    return lines.isEmpty()
        ? Optional.empty()
        : Optional.of(
            NameList.of(what, lines.size(), i -> owner.apply(lines.get(i)).image().stem()) + ".");
  }
}
