package dev.vignette.llava.convert;

/** Is told how a conversion goes. */
public interface ConversionListener {

  /** Hears nothing. */
  ConversionListener NONE =
      new ConversionListener() {
        @Override
        public void step(String sentence) {}

        @Override
        public void progress(long written, long all) {}
      };

  /** A step begins; the sentence says which, and what it writes where. */
  void step(String sentence);

  /** Of the file that the step writes, {@code written} of {@code all} bytes are there. */
  void progress(long written, long all);
}
