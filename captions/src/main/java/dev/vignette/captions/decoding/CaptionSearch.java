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

  /**
   * Reads given tokens instead of choosing them, as if the model had chosen them (teacher forcing).
   *
   * @param tokens the text, without an end token
   * @param listener hears each token when the model is about to read it
   * @return the tokens with the model's log-probability of each; their sum is the score
   */
  public static Hypothesis follow(HypothesisModel model, int[] tokens, IntConsumer listener) {
    LogSoftmax softmax = new LogSoftmax(model.vocabularySize());
    float[] logits = new float[model.vocabularySize()]; // (V)
    float[] logProbabilities = new float[tokens.length];
    double score = 0;
    model.start(logits);
    for (int i = 0; i < tokens.length; i++) {
      logProbabilities[i] = logits[tokens[i]] - softmax.normalizer(logits);
      score += logProbabilities[i];
      listener.accept(tokens[i]);
      if (i + 1 < tokens.length) {
        model.advance(new int[] {0}, new int[] {tokens[i]}, new float[][] {logits});
      }
    }
    return new Hypothesis(tokens, logProbabilities, score);
  }
}
