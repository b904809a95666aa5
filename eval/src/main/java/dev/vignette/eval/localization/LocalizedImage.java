package dev.vignette.eval.localization;

/**
 * What an image's nouns gave, each figure the mean over them.
 *
 * @param nouns how many were named by the caption and have boxes; at least one
 * @param uniform of the map that is the same everywhere
 * @param words (choices) of the nouns' own maps
 * @param means (choices) of the caption's mean map, the same for every word
 */
@SuppressWarnings("ArrayRecordComponent") // columns of numbers, read by place
record LocalizedImage(int nouns, Figures uniform, Figures[] words, Figures[] means) {

  /**
   * Two figures of a map.
   *
   * @param pointing share of hits in the pointing game, 0 to 1
   * @param mass attention in the boxes over their share of the area, 1 for none in particular
   */
  record Figures(double pointing, double mass) {
    static final Figures ZERO = new Figures(0, 0);

    Figures plus(double morePointing, double moreMass) {
      return new Figures(pointing + morePointing, mass + moreMass);
    }

    Figures over(int count) {
      return new Figures(pointing / count, mass / count);
    }
  }
}
