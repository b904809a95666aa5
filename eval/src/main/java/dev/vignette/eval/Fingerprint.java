package dev.vignette.eval;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * What figures depend on, so that nobody compares what cannot be compared.
 *
 * @param facts by name, in order
 */
public record Fingerprint(SequencedMap<String, String> facts) {

  public Fingerprint {
    facts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(facts));
  }

  /** With further facts at the end. */
  public Fingerprint with(Map<String, String> more) {
    SequencedMap<String, String> all = new LinkedHashMap<>(facts);
    all.putAll(more);
    return new Fingerprint(all);
  }

  /** All facts on one line. */
  @Override
  public String toString() {
    return facts.entrySet().stream()
        .map(fact -> fact.getKey() + " " + fact.getValue())
        .collect(Collectors.joining(" | "));
  }
}
