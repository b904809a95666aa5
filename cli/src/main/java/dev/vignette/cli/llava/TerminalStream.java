package dev.vignette.cli.llava;

import java.io.Console;
import java.io.PrintWriter;
import java.util.function.Consumer;

/** Prints a caption as it grows, for a person who watches. */
final class TerminalStream implements Consumer<String> {

  private final PrintWriter out;
  private int printed;

  TerminalStream(PrintWriter out) {
    this.out = out;
  }

  /** Whether a person watches: the program talks to a terminal. */
  static boolean isWanted() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Ends the line. */
  void end() {
    out.println();
    out.flush();
  }

  @Override
  public void accept(String textSoFar) {
    if (textSoFar.length() > printed) {
      out.print(textSoFar.substring(printed));
      out.flush();
      printed = textSoFar.length();
    }
  }
}
