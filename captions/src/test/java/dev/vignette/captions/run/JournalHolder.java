package dev.vignette.captions.run;

import dev.vignette.captions.run.ImageInput.KeyMode;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A process that has the journal {@code arguments[0]} open, and for each byte on its standard input
 * rewrites it and reads it through another descriptor; it answers each with a line.
 */
public final class JournalHolder {
  private JournalHolder() {}

  /** Opens a journal, as a run does. */
  public static AutoCloseable open(Path file) {
    return Journal.open(file, KeyMode.STEM);
  }

  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    try (Journal journal = Journal.open(file, KeyMode.STEM)) {
      do {
        for (int i = 0; i < 2; i++) {
          journal.append(new JournalLine.ToRedo("key"));
        }
        journal.compact();
        Journal.look(file, KeyMode.STEM);
        System.out.println("held");
      } while (System.in.read() >= 0);
    }
  }
}
