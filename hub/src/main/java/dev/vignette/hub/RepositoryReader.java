package dev.vignette.hub;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/** Reads the hub's description of a repository: JSON with sha, siblings, gated, cardData, tags. */
final class RepositoryReader {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final String LICENSE_TAG = "license:";

  private final List<String> files = new ArrayList<>();
  private @Nullable String commit;
  private @Nullable String cardLicense;
  private @Nullable String tagLicense;
  private boolean gated;

  private RepositoryReader() {}

  /**
   * Reads a description.
   *
   * @throws HubException if it is none
   * @throws IOException if the connection breaks
   */
  static Repository read(ModelReference reference, InputStream in) throws IOException {
    RepositoryReader reader = new RepositoryReader();
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), in)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw refusal(reference, "is no JSON object");
      }
      reader.members(parser);
    } catch (JacksonIOException broken) {
      throw broken.getCause() == null ? new IOException(broken) : broken.getCause();
    } catch (JacksonException malformed) {
      throw refusal(reference, "is no JSON (" + malformed.getOriginalMessage() + ")");
    }
    String commit = reader.commit;
    if (commit == null || !commit.matches("[0-9a-f]{40}")) {
      throw refusal(reference, "names no commit");
    }
    return new Repository(
        reference,
        commit,
        reader.files,
        Optional.ofNullable(reader.cardLicense != null ? reader.cardLicense : reader.tagLicense),
        reader.gated);
  }

  private static HubException refusal(ModelReference reference, String problem) {
    return new HubException(
        HubException.Reason.PROTOCOL,
        "The description of %s %s; is it a hub that answers? Check HF_ENDPOINT and the proxy"
            .formatted(reference.name(), problem));
  }

  private void members(JsonParser parser) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "sha" -> commit = text(parser);
        case "gated" -> gated = value == JsonToken.VALUE_TRUE || value == JsonToken.VALUE_STRING;
        case "siblings" -> siblings(parser);
        case "cardData" -> card(parser);
        case "tags" -> tags(parser);
        default -> {}
      }
      parser.skipChildren();
    }
  }

  private void siblings(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      return;
    }
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean path = parser.currentName().equals("rfilename");
        parser.nextToken();
        String text = text(parser);
        if (path && text != null) {
          files.add(text);
        }
        parser.skipChildren();
      }
    }
  }

  private void card(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return;
    }
    @Nullable String named = null;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      String text = text(parser);
      if (name.equals("license") && text != null) {
        cardLicense = text;
      } else if (name.equals("license_name")) {
        named = text;
      }
      parser.skipChildren();
    }
    if ("other".equals(cardLicense) && named != null) {
      cardLicense = named;
    }
  }

  private void tags(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      String tag = text(parser);
      if (tag != null && tag.startsWith(LICENSE_TAG)) {
        tagLicense = tag.substring(LICENSE_TAG.length());
      }
      parser.skipChildren();
    }
  }

  private static @Nullable String text(JsonParser parser) {
    return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : null;
  }
}
