package dev.vignette.hub;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server answered, its body still on the way.
 *
 * @param uri the address that answered, after redirects
 */
record HubReply(URI uri, int status, HttpHeaders headers, InputStream body) implements Closeable {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

  /** The bytes a server sends, and of how many. */
  record Extent(long first, long last, long total) {}

  Optional<String> header(String name) {
    return headers.firstValue(name).map(String::strip).filter(value -> !value.isEmpty());
  }

  OptionalLong number(String name) {
    return header(name)
        .filter(value -> value.matches("\\d{1,18}"))
        .map(value -> OptionalLong.of(Long.parseLong(value)))
        .orElse(OptionalLong.empty());
  }

  /** An entity tag without quotes and the sign of weakness. */
  Optional<String> tag(String name) {
    return header(name).map(value -> value.replaceFirst("^W/", "").replace("\"", ""));
  }

  Optional<Extent> contentRange() {
    return header("Content-Range")
        .map(CONTENT_RANGE::matcher)
        .filter(Matcher::matches)
        .map(range ->
            new Extent(
                Long.parseLong(range.group(1)),
                Long.parseLong(range.group(2)),
                Long.parseLong(range.group(3))));
  }

  boolean isRedirect() {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> header("Location").isPresent();
      default -> false;
    };
  }

  /** Where a redirect leads. */
  URI location() throws HubException {
    try {
      return uri.resolve(URI.create(header("Location").orElseThrow()));
    } catch (IllegalArgumentException malformed) {
      throw new HubException(
          HubException.Reason.PROTOCOL,
          "%s redirects to what is no address. Check HF_ENDPOINT and the proxy"
              .formatted(uri.getHost()),
          malformed);
    }
  }

  /** How long the server asks to wait: seconds, or until a date. */
  Optional<Duration> retryAfter(Instant now) {
    return header("Retry-After").flatMap(value -> wait(value, now));
  }

  private static Optional<Duration> wait(String value, Instant now) {
    if (value.matches("\\d{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(now, until);
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeException unreadable) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException alreadyBroken) {
      // Nothing more is wanted of it.
    }
  }
}
