package dev.vignette.captions.decoding;

import java.util.function.IntConsumer;

/** Runs the search that a configuration asks for. */
public final class CaptionSearch {

  private CaptionSearch() {}

  /**
   * Generates from a model that has read its prompt.
   *
   * @param prompt the prompt's tokens, for the rules about repetition; places that are not text are
   *     -1
   * @param end when a text is over
   * @param listener hears each token of the text as it is chosen; with beams, all of them at the
   *     end
   */
  public static Hypothesis run(
      HypothesisModel model,
      GenerationConfig config,
      int[] prompt,
      EndCondition end,
      IntConsumer listener) {
    TokenRules rules = new TokenRules(config, prompt, end.endTokens());
    if (config.numBeams() == 1) {
      return new SingleSearch(model, config, rules, end).run(listener);
    }
    Hypothesis best = new BeamSearch(model, config, rules, end).run();
    for (int token : best.tokens()) {
      listener.accept(token);
    }
    return best;
  }
}
