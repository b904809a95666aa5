package dev.vignette.captions.run;

import java.util.Map;

/**
 * A line of the details JSONL.
 *
 * @param image what was captioned
 * @param details the caption and how it came about
 * @param sha256 of the image file
 * @param fingerprint {@link ModelFingerprint#hash} of {@code settings}
 * @param settings the model and what it was asked
 */
record DetailsLine(
    ImageInput image,
    CaptionDetails details,
    String sha256,
    String fingerprint,
    Map<String, String> settings) {

  /** The line, without its end. */
  String format() {
    return JsonLines.format(json -> {
      json.writeStringProperty("key", image.key());
      json.writeStringProperty("path", image.path().toString());
      json.writeStringProperty("caption", details.caption());
      json.writeNumberProperty("score", details.score());
      json.writeArrayPropertyStart("tokens");
      details.tokens().forEach(token -> json.writeNumber(token.id()));
      json.writeEndArray();
      json.writeArrayPropertyStart("log_probabilities");
      details.tokens().forEach(token -> json.writeNumber(token.logProbability()));
      json.writeEndArray();
      json.writeObjectPropertyStart("milliseconds");
      json.writeNumberProperty("encode", details.encodeMillis());
      json.writeNumberProperty("prefill", details.prefillMillis());
      json.writeNumberProperty("decode", details.decodeMillis());
      json.writeEndObject();
      json.writeStringProperty("sha256", sha256);
      json.writeStringProperty("fingerprint", fingerprint);
      json.writeObjectPropertyStart("settings");
      settings.forEach(json::writeStringProperty);
      json.writeEndObject();
    });
  }
}
