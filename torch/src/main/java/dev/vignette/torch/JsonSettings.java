package dev.vignette.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The settings that a model's JSON file holds; complaints name the file, the setting and what it
 * must be.
 *
 * @param file where they stand
 * @param place what goes before their names in complaints: the objects that lead to them, each with
 *     a dot after it
 * @param node the object
 * @param remedy what to do about a file with a fault, as the end of a sentence
 */
public record JsonSettings(Path file, String place, JsonNode node, String remedy) {
  public JsonSettings {
    if (!node.isObject()) {
      throw new IllegalArgumentException(
          "%s must be a JSON object of settings {...}, and %s; %s"
              .formatted(file, found(node), remedy));
    }
  }

  private static String found(JsonNode node) {
    return switch (node.getNodeType()) {
      case MISSING -> "it is empty";
      case ARRAY -> "it is a list";
      default -> "it is " + node;
    };
  }

  /**
   * Reads a file, with or without a byte order mark.
   *
   * @throws IllegalArgumentException naming the file and the line where it stops being JSON
   * @throws IOException if it cannot be read
   */
  public static JsonSettings read(Path file, String remedy) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try {
      // From bytes, not from a string: so the parser takes a byte order mark.
      return new JsonSettings(file, "", JsonMapper.shared().readTree(bytes), remedy);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "%s cannot be read: it is no JSON%s; %s".formatted(file, place(e), remedy), e);
    }
  }

  private static String place(JacksonException e) {
    return e.getLocation() == null || e.getLocation().getLineNr() < 1
        ? ""
        : " at line " + e.getLocation().getLineNr();
  }

  /** A text that must be there. */
  public String text(String name) {
    JsonNode value = node.path(name);
    if (!value.isString()) {
      throw complaint(name, "a text");
    }
    return value.asString();
  }

  /** A text; {@code otherwise} where it is absent or null. */
  public String text(String name, String otherwise) {
    return has(name) ? text(name) : otherwise;
  }

  /** True or false; {@code otherwise} where it is absent or null. */
  public boolean flag(String name, boolean otherwise) {
    if (has(name) && !node.path(name).isBoolean()) {
      throw complaint(name, "true or false");
    }
    return has(name) ? node.path(name).asBoolean() : otherwise;
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

  /** A whole number from 1 to {@code most} that must be there. */
  public int size(String name, int most) {
    JsonNode value = node.path(name);
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.asInt() < 1
        || value.asInt() > most) {
      throw complaint(name, "a whole number from 1 to " + most);
    }
    return value.asInt();
  }

  /** A whole number from 1 to {@code most}; {@code otherwise} where it is absent or null. */
  public int size(String name, int otherwise, int most) {
    return has(name) ? size(name, most) : otherwise;
  }

  /** A number over 0, up to {@code most}; {@code otherwise} where it is absent or null. */
  public double positive(String name, double otherwise, double most) {
    double value = number(name, otherwise);
    if (!(value > 0 && value <= most)) {
      throw complaint(name, "a number over 0, up to " + most);
    }
    return value;
  }

  /** A finite number of 64 bits that must be there. */
  public double number(String name) {
    JsonNode value = node.path(name);
    if (!value.isNumber() || !Double.isFinite(Double.parseDouble(value.asString()))) {
      throw complaint(name, "a number");
    }
    return Double.parseDouble(value.asString());
  }

  /** A number; {@code otherwise} where it is absent or null. */
  public double number(String name, double otherwise) {
    return has(name) ? number(name) : otherwise;
  }

  /** The settings below a name; none where it is absent or null. */
  public JsonSettings below(String name) {
    if (!has(name)) {
      return new JsonSettings(
          file, place + name + ".", JsonMapper.shared().createObjectNode(), remedy);
    }
    if (!node.path(name).isObject()) {
      throw complaint(name, "an object of settings");
    }
    return new JsonSettings(file, place + name + ".", node.path(name), remedy);
  }

  /**
   * Makes something of settings that were read.
   *
   * @throws IllegalArgumentException with the file, where the maker complains of what they are
   */
  public <T> T made(Supplier<T> maker) {
    try {
      return maker.get();
    } catch (NamedSettingException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s; %s".formatted(file, e.getMessage(), remedy), e);
    }
  }

  /** Whether there is a value, and not null. */
  public boolean has(String name) {
    return !node.path(name).isMissingNode() && !node.path(name).isNull();
  }

  /** A complaint that names the file already. */
  private static final class NamedSettingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    NamedSettingException(String message) {
      super(message);
    }
  }

  private IllegalArgumentException complaint(String name, String allowed) {
    JsonNode value = node.path(name);
    String whole = place + name;
    return new NamedSettingException(
        "%s has %s, and it must be %s; %s"
            .formatted(
                file,
                value.isMissingNode() ? "no " + whole : whole + " " + value,
                allowed,
                remedy));
  }
}
