package dev.vignette.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Sends requests to the hub and to the servers it redirects to. Redirects are followed here, one by
 * one, since whether a server is shown the token is decided for each.
 */
final class HubConnection implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
  private static final int MOST_REDIRECTS = 5;
  private static final String LINKED_TAG = "X-Linked-Etag";

  private enum Method {
    GET,
    HEAD
  }

  private final HubSettings settings;
  private final HttpClient client;
  private final Retries.Pause pause;

  HubConnection(HubSettings settings, Retries.Pause pause) {
    this.settings = settings;
    this.pause = pause;
    // HTTP/1.1: ranges in parallel are meant to have a connection each.
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT)
            .proxy(settings.proxies())
            .build();
  }

  Retries retries(Consumer<String> notes) {
    return new Retries(settings.endpoint(), pause, notes);
  }

  /** Whether an address is the hub's own, not that of a server it redirects to. */
  boolean isHub(URI uri) {
    return sameServer(uri, settings.endpoint());
  }

  /**
   * Asks for content, all of it or a range, following redirects to wherever they lead.
   *
   * @param range such as {@code bytes=0-99}
   * @throws HubException when the network may not be asked
   * @throws Retries.BusyServer when the server asks for patience
   */
  HubReply get(URI uri, Optional<String> range) throws IOException {
    URI next = uri;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      HubReply reply = send(Method.GET, next, range);
      if (!reply.isRedirect()) {
        return reply;
      }
      reply.close();
      next = reply.location();
    }
    throw tooManyRedirects(uri);
  }

  /**
   * Asks for the headers of a file. A redirect within the hub is followed, for renamed
   * repositories; one to the server of large files is not: that server's tag is another.
   */
  HubReply head(URI uri) throws IOException {
    URI next = uri;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      HubReply reply = send(Method.HEAD, next, Optional.empty());
      reply.close();
      if (!reply.isRedirect()
          || reply.header(LINKED_TAG).isPresent()
          || !sameServer(reply.location(), next)) {
        return reply;
      }
      next = reply.location();
    }
    throw tooManyRedirects(uri);
  }

  private HubReply send(Method method, URI uri, Optional<String> range) throws IOException {
    if (settings.offline()) {
      throw new HubException(
          HubException.Reason.OFFLINE,
          "The network is not asked (--offline, HF_HUB_OFFLINE), and the cache %s lacks %s; run once without, or copy it there"
              .formatted(settings.cache(), HubPaths.nameOf(settings.endpoint(), uri)));
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(checked(uri))
            .timeout(ANSWER_TIMEOUT)
            .header("User-Agent", "vignette")
            .header("Accept-Encoding", "identity");
    range.ifPresent(value -> request.header("Range", value));
    if (method == Method.HEAD) {
      request.HEAD();
    }
    if (settings.mayShowTokenTo(uri)) {
      request.header("Authorization", "Bearer " + settings.token().orElseThrow());
    }
    HubReply reply = exchange(request.build());
    if (reply.status() == 429 || reply.status() == 408 || reply.status() >= 500) {
      reply.close();
      throw new Retries.BusyServer(uri, reply.status(), reply.retryAfter(Instant.now()));
    }
    return reply;
  }

  private HubReply exchange(HttpRequest request) throws IOException {
    try {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      return new HubReply(
          request.uri(), response.statusCode(), response.headers(), response.body());
    } catch (HttpTimeoutException slow) {
      throw new IOException(request.uri().getHost() + " does not answer", slow);
    } catch (IllegalArgumentException unsendable) {
      throw new HubException(
          HubException.Reason.PROTOCOL,
          "%s cannot be asked: %s".formatted(request.uri().getHost(), unsendable.getMessage()),
          unsendable);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new HubException(HubException.Reason.NO_NETWORK, "The download was stopped", stopped);
    }
  }

  private static URI checked(URI uri) throws HubException {
    if (uri.getHost() == null || uri.getScheme() == null || !uri.getScheme().matches("https?")) {
      throw new HubException(
          HubException.Reason.PROTOCOL,
          "The hub redirects to '%s', which is no address of the web. Check HF_ENDPOINT"
              .formatted(uri));
    }
    return uri;
  }

  private static HubException tooManyRedirects(URI uri) {
    return new HubException(
        HubException.Reason.PROTOCOL,
        "%s redirects more than %d times. Check HF_ENDPOINT and the proxy"
            .formatted(uri, MOST_REDIRECTS));
  }

  private static boolean sameServer(URI a, URI b) {
    return a.getScheme().equalsIgnoreCase(b.getScheme())
        && String.valueOf(a.getAuthority()).equalsIgnoreCase(b.getAuthority());
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
