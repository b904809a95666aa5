package dev.vignette.cli.report;

/** A command that the report is made of ended without its result; it has said why. */
final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  CommandFailedException(String command, int exitCode) {
    super(
        "the report needs %s, which ended without a result (%d, see above); nothing of an earlier one is shown"
            .formatted(command, exitCode));
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
