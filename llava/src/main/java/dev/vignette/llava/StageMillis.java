package dev.vignette.llava;

/**
 * Where the time of a caption went, in milliseconds.
 *
 * @param encode the vision tower and projector
 * @param prefill reading image and instruction into the language model
 * @param decode generating the tokens
 */
public record StageMillis(double encode, double prefill, double decode) {

  /** The sum of the stages. */
  public double total() {
    return encode + prefill + decode;
  }

  /** The sum of both, stage by stage. */
  public StageMillis plus(StageMillis other) {
    return new StageMillis(encode + other.encode, prefill + other.prefill, decode + other.decode);
  }

  /**
   * Milliseconds over several images or captions.
   *
   * @param count of how many, 0 or more
   * @param millis their sum, stage by stage
   */
  public record StageTotals(int count, StageMillis millis) {

    /** Of none. */
    public static final StageTotals NONE = new StageTotals(0, new StageMillis(0, 0, 0));

    public StageTotals {
      if (count < 0) {
        throw new IllegalArgumentException("a count is 0 or more, not " + count);
      }
    }

    /** The sum of both. */
    public StageTotals plus(StageTotals other) {
      return new StageTotals(count + other.count, millis.plus(other.millis));
    }

    /** Milliseconds of one on average, all stages together; 0 of none. */
    public double mean() {
      return count == 0 ? 0 : millis.total() / count;
    }
  }
}
