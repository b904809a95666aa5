package dev.vignette.cli;

/**
 * What a check found.
 *
 * @param subject what was looked at
 * @param ok whether it works
 * @param text what is there, or what to do
 */
record Finding(String subject, boolean ok, String text) {

  static Finding ok(String subject, String text) {
    return new Finding(subject, true, text);
  }

  static Finding failed(String subject, String text) {
    return new Finding(subject, false, text);
  }

  static Finding failed(String subject, RuntimeException failure) {
    String message = failure.getMessage();
    return failed(subject, message == null ? failure.toString() : message);
  }

  @Override
  public String toString() {
    return "%-14s %s  %s".formatted(subject, ok ? "ok  " : "FAIL", text);
  }
}
