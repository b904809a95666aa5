package dev.vignette.eval.tokenize;

import dev.vignette.files.FileStem;
import java.io.Reader;
import java.io.StringReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.security.CodeSource;
import java.util.Iterator;

/** Stanford CoreNLP's {@code PTBTokenizer}, found by name on the class path. */
final class CoreNlpTokenizer implements TextTokenizer {
  private static final String PACKAGE = "edu.stanford.nlp.";
  private static final String LINE_END = "*NL*";

  private final Constructor<?> tokenizer;
  private final Object tokens;
  private final Method word;
  private final Method endPosition;

  CoreNlpTokenizer() {
    try {
      Class<?> factory = Class.forName(PACKAGE + "process.LexedTokenFactory");
      Class<?> token = Class.forName(PACKAGE + "ling.CoreLabel");
      tokenizer =
          Class.forName(PACKAGE + "process.PTBTokenizer")
              .getConstructor(Reader.class, factory, String.class);
      tokens =
          Class.forName(PACKAGE + "process.CoreLabelTokenFactory").getConstructor().newInstance();
      word = token.getMethod("word");
      endPosition = token.getMethod("endPosition");
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "CoreNLP is not on the class path (missing: "
              + e.getMessage()
              + "). Put stanford-corenlp-3.4.1.jar there (Maven Central:"
              + " edu.stanford.nlp:stanford-corenlp:3.4.1, GPL), or use the tokenizer of this"
              + " project, which gives the same tokens.",
          e);
    }
  }

  @Override
  public void tokenize(String text, TokenSink sink) {
    tokenize(new StringReader(text), sink);
  }

  @Override
  public void tokenize(Reader text, TokenSink sink) {
    try {
      Iterator<?> all =
          (Iterator<?>) tokenizer.newInstance(text, tokens, "tokenizeNLs,untokenizable=noneDelete");
      while (all.hasNext()) {
        Object token = all.next();
        String written = (String) word.invoke(token);
        if (written.equals(LINE_END)) {
          sink.lineEnd((Integer) endPosition.invoke(token));
        } else {
          sink.token(written);
        }
      }
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("CoreNLP failed: " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("CoreNLP cannot be called: " + e, e);
    }
  }

  /** The name of the jar, which has the version: figures of 3.4.1 and 4.5 differ. */
  @Override
  public String name() {
    CodeSource source = tokenizer.getDeclaringClass().getProtectionDomain().getCodeSource();
    return source == null ? "corenlp" : FileStem.of(source.getLocation().getPath());
  }
}
