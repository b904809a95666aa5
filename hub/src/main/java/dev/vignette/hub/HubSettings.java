package dev.vignette.hub;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the hub is, who asks, and where models are kept; as huggingface_hub has it, by the same
 * variables.
 *
 * @param endpoint the hub's address, without a slash at its end
 * @param token what the hub is shown; it goes to the endpoint's own host only, and never over plain
 *     http but to this machine
 * @param cache the folder that holds {@code models--owner--name}
 * @param offline whether the network is never asked
 * @param proxies how the network is reached
 */
public record HubSettings(
    URI endpoint, Optional<String> token, Path cache, boolean offline, ProxySelector proxies) {
  private static final String HUGGING_FACE = "https://huggingface.co";
  private static final int MOST_PORTS = 65_535;
  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  /** Checks the endpoint. */
  public HubSettings {
    String scheme = String.valueOf(endpoint.getScheme()).toLowerCase(Locale.ROOT);
    if (endpoint.getHost() == null
        || endpoint.getPort() > MOST_PORTS
        || !(scheme.equals("http") || scheme.equals("https"))) {
      throw noEndpoint(endpoint.toString());
    }
  }

  private static IllegalArgumentException noEndpoint(String text) {
    return new IllegalArgumentException(
        "HF_ENDPOINT is '%s'; it must be an address such as %s".formatted(text, HUGGING_FACE));
  }

  private static URI endpoint(String text) {
    try {
      return URI.create(text.replaceFirst("/+$", ""));
    } catch (IllegalArgumentException malformed) {
      throw noEndpoint(text);
    }
  }

  /**
   * Reads {@code HF_ENDPOINT}, {@code HF_TOKEN} (else the file of {@code HF_TOKEN_PATH}, {@code
   * $HF_HOME/token}), {@code HF_HUB_CACHE}, {@code HF_HOME}, {@code HF_HUB_OFFLINE}, {@code
   * HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY}.
   *
   * @param environment the variables
   * @param home the user's home folder
   * @throws IllegalArgumentException if one of them makes no sense
   */
  public static HubSettings of(Map<String, String> environment, Path home) {
    Path caches = folder(environment.get("XDG_CACHE_HOME"), home).orElse(home.resolve(".cache"));
    Path hfHome = folder(environment.get("HF_HOME"), home).orElse(caches.resolve("huggingface"));
    Path cache =
        folder(environment.get("HF_HUB_CACHE"), home)
            .or(() -> folder(environment.get("HUGGINGFACE_HUB_CACHE"), home))
            .orElse(hfHome.resolve("hub"));
    Path tokenFile = folder(environment.get("HF_TOKEN_PATH"), home).orElse(hfHome.resolve("token"));
    Optional<String> token =
        cleaned(environment.get("HF_TOKEN"))
            .or(() -> cleaned(environment.get("HUGGING_FACE_HUB_TOKEN")))
            .or(() -> tokenIn(tokenFile));
    boolean offline =
        isTrue(environment.get("HF_HUB_OFFLINE"))
            || isTrue(environment.get("TRANSFORMERS_OFFLINE"));
    String endpoint = cleaned(environment.get("HF_ENDPOINT")).orElse(HUGGING_FACE);
    return new HubSettings(
        endpoint(endpoint),
        token,
        cache.toAbsolutePath().normalize(),
        offline,
        EnvironmentProxies.of(environment));
  }

  /** The same, the network being asked or never. */
  public HubSettings withOffline(boolean newOffline) {
    return new HubSettings(endpoint, token, cache, newOffline, proxies);
  }

  /** Whether the token may be shown to a server. */
  boolean mayShowTokenTo(URI uri) {
    return token.isPresent()
        && uri.getScheme().equalsIgnoreCase(endpoint.getScheme())
        && uri.getHost().equalsIgnoreCase(endpoint.getHost())
        && port(uri) == port(endpoint)
        && !isOpenlyReadable(uri);
  }

  /** Whether what is sent there can be read on the way. */
  static boolean isOpenlyReadable(URI uri) {
    return !uri.getScheme().equalsIgnoreCase("https")
        && !LOOPBACK.contains(uri.getHost().toLowerCase(Locale.ROOT));
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  private static Optional<Path> folder(@Nullable String text, Path home) {
    return cleaned(text)
        .map(path ->
            path.equals("~") || path.startsWith("~/")
                ? home.resolve(path.substring(1).replaceFirst("^/+", ""))
                : Path.of(path));
  }

  private static Optional<String> cleaned(@Nullable String text) {
    return Optional.ofNullable(text)
        .map(value -> value.replace("\r", "").replace("\n", "").strip())
        .filter(value -> !value.isEmpty());
  }

  private static Optional<String> tokenIn(Path file) {
    try {
      return Files.isRegularFile(file) ? cleaned(Files.readString(file)) : Optional.empty();
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  private static boolean isTrue(@Nullable String value) {
    return value != null && TRUE.contains(value.toUpperCase(Locale.ROOT));
  }

  /** Says everything but the token. */
  @Override
  public String toString() {
    return "hub %s, cache %s, %s, %s"
        .formatted(
            endpoint,
            Objects.requireNonNull(cache),
            token.isPresent() ? "with a token" : "without a token",
            offline ? "offline" : "online");
  }
}
