package dev.vignette.captioner.model;

import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The settings that a model's JSON file holds; complaints name the file, the setting and what it
 * must be.
 *
 * @param file where they stand
 * @param node the object
 */
public record JsonSettings(Path file, JsonNode node) {
  public JsonSettings {
    if (!node.isObject()) {
      throw new IllegalArgumentException(
          "%s must be a JSON object of settings, not %s".formatted(file, node.getNodeType()));
    }
  }

  /** A text that must be there. */
  public String text(String name) {
    JsonNode value = node.path(name);
    if (!value.isString()) {
      throw complaint(name, "a text");
    }
    return value.asString();
  }

  /** A whole number that must be there. */
  public int integer(String name) {
    JsonNode value = node.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw complaint(name, "a whole number");
    }
    return value.asInt();
  }

  /** A whole number; {@code otherwise} where it is absent or null. */
  public int integer(String name, int otherwise) {
    return has(name) ? integer(name) : otherwise;
  }

  /** A number that must be there. */
  public double number(String name) {
    JsonNode value = node.path(name);
    if (!value.isNumber()) {
      throw complaint(name, "a number");
    }
    return value.asDouble();
  }

  /** A number; {@code otherwise} where it is absent or null. */
  public double number(String name, double otherwise) {
    return has(name) ? number(name) : otherwise;
  }

  /** The settings below a name; none where it is absent or null. */
  public JsonSettings below(String name) {
    return new JsonSettings(
        file, has(name) ? node.path(name) : JsonMapper.shared().createObjectNode());
  }

  /** Whether there is a value, and not null. */
  public boolean has(String name) {
    return !node.path(name).isMissingNode() && !node.path(name).isNull();
  }

  private IllegalArgumentException complaint(String name, String allowed) {
    JsonNode value = node.path(name);
    return new IllegalArgumentException(
        "%s has %s, and it must be %s; get the file again from where it was published"
            .formatted(file, value.isMissingNode() ? "no " + name : name + " " + value, allowed));
  }

  /** Says in which line a file stops being JSON, without the parser's words. */
  public static String reason(JacksonException e) {
    return e.getLocation() == null || e.getLocation().getLineNr() < 1
        ? "it is no JSON of that kind"
        : "it is no JSON at line " + e.getLocation().getLineNr();
  }
}
