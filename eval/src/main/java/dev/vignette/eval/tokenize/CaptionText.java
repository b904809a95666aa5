package dev.vignette.eval.tokenize;

import java.io.Reader;
import java.util.Iterator;

/** Captions as one text, a line each, as the reference writes them for its tokenizer. */
final class CaptionText extends Reader {
  private final Iterator<String> captions;
  private String line = "";
  private int at;
  private boolean begun;

  CaptionText(Iterable<String> captions) {
    this.captions = captions.iterator();
  }

  @Override
  public int read(char[] into, int from, int count) {
    int done = 0;
    while (done < count && (at < line.length() || next())) {
      int many = Math.min(count - done, line.length() - at);
      line.getChars(at, at + many, into, from + done);
      at += many;
      done += many;
    }
    return done == 0 && count > 0 ? -1 : done;
  }

  private boolean next() {
    if (!captions.hasNext()) {
      return false;
    }
    String caption = captions.next().replace('\n', ' ');
    line = begun ? '\n' + caption : caption;
    begun = true;
    at = 0;
    return true;
  }

  @Override
  public void close() {}
}
