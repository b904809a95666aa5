package dev.vignette.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Proxies as the variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name them. */
final class EnvironmentProxies extends ProxySelector {
  private static final int DEFAULT_PORT = 80;
  private static final int MOST_PORTS = 65_535;

  private final Optional<Proxy> http;
  private final Optional<Proxy> https;
  private final List<String> without;

  private EnvironmentProxies(Optional<Proxy> http, Optional<Proxy> https, List<String> without) {
    this.http = http;
    this.https = https;
    this.without = without;
  }

  static ProxySelector of(Map<String, String> environment) {
    Optional<Proxy> http = proxy(environment, "HTTP_PROXY");
    Optional<Proxy> https = proxy(environment, "HTTPS_PROXY");
    List<String> without =
        Arrays.stream(variable(environment, "NO_PROXY").orElse("").split("[,\\s]+", -1))
            .map(entry -> entry.toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", ""))
            .filter(entry -> !entry.isEmpty())
            .toList();
    return new EnvironmentProxies(http, https, without);
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .or(() -> Optional.ofNullable(environment.get(name.toLowerCase(Locale.ROOT))))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  private static Optional<Proxy> proxy(Map<String, String> environment, String name) {
    return variable(environment, name)
        .or(() -> variable(environment, "ALL_PROXY"))
        .map(value -> proxy(name, value));
  }

  private static Proxy proxy(String name, String value) {
    URI uri;
    try {
      uri = URI.create(value.contains("://") ? value : "http://" + value);
    } catch (IllegalArgumentException malformed) {
      throw refusal(name, "is no address");
    }
    if (uri.getHost() == null || !"http".equalsIgnoreCase(uri.getScheme())) {
      throw refusal(name, "must have the form http://host:port; other kinds of proxy are not used");
    }
    if (uri.getUserInfo() != null) {
      throw refusal(
          name, "holds a user and a password, which are not sent; use a proxy that needs none");
    }
    int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
    if (port < 1 || port > MOST_PORTS) {
      throw refusal(name, "has the port %d; ports are 1 to %d".formatted(port, MOST_PORTS));
    }
    return new Proxy(
        Proxy.Type.HTTP,
        InetSocketAddress.createUnresolved(uri.getHost().replaceAll("[\\[\\]]", ""), port));
  }

  /** The value stays unsaid: it may hold a password. */
  private static IllegalArgumentException refusal(String name, String rule) {
    return new IllegalArgumentException("The variable %s (or ALL_PROXY) %s".formatted(name, rule));
  }

  @Override
  public List<Proxy> select(URI uri) {
    Optional<Proxy> proxy = uri.getScheme().equalsIgnoreCase("https") ? https : http;
    return List.of(
        proxy.filter(_ -> !isWithout(uri.getHost(), uri.getPort())).orElse(Proxy.NO_PROXY));
  }

  private boolean isWithout(String host, int port) {
    String name = host.toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", "");
    return without.stream()
        .anyMatch(entry ->
            entry.equals("*")
                || name.equals(entry)
                || name.endsWith("." + entry)
                || (name + ":" + port).equals(entry));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // The exchange fails too, and says so.
  }
}
