package dev.vignette.hub;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A hub over HTTP on this machine, with a second port as the server of large files. It speaks the
 * protocol as huggingface_hub 2.0.0 reads it, counts what it sends, and can be told to fail: cut
 * connections, refuse, send something else.
 *
 * <p>From a shell: {@code java dev.vignette.hub.TestHub PORT FOLDER}, where the folder holds
 * OWNER/NAME/files.
 */
public final class TestHub implements AutoCloseable {
  private static final int LARGE = 1 << 16;

  /** What goes wrong with an answer. */
  public sealed interface Fault {
    /** The connection ends within the headers. */
    record CutInHeaders() implements Fault {}

    /** The connection ends after so many bytes of the body, whose length was announced. */
    record CutAfter(long bytes) implements Fault {}

    /** Another status, and headers. */
    record Answer(int status, Map<String, String> headers) implements Fault {}

    /** The headers are sent, and then nothing for a long time. */
    record Stall() implements Fault {}

    /** The content is another one of this length, with another hash. */
    final class Other implements Fault {
      private final byte[] content;

      public Other(byte[] content) {
        this.content = content.clone();
      }
    }
  }

  /** One request, and how many bytes of content were sent for it. */
  public record Request(
      boolean atHub, String method, String path, Map<String, String> headers, AtomicLong sent) {
    /** Whether it asks for the content of a file, rather than of a repository or for a redirect. */
    public boolean isForContent() {
      return method.equals("GET") && !path.startsWith("/api/models/");
    }

    /** The position it wants to begin at. */
    public long from() {
      String range = headers.get("range");
      return range == null ? 0 : Long.parseLong(range.replaceAll("bytes=(\\d+)-.*", "$1"));
    }
  }

  /** A repository at one commit. */
  public static final class Repo {
    final Map<String, byte[]> files = new TreeMap<>();
    final Map<String, String> lies = new ConcurrentHashMap<>();
    public String commit;
    public @Nullable String license;
    public String extra = "";

    Repo(String seed) {
      commit = hash("SHA-1", seed.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a file; one of 64 KiB or more is large, and served from the second port. */
    public Repo file(String path, byte[] content) {
      files.put(path, content);
      return this;
    }

    public Repo file(String path, String content) {
      return file(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Makes the hub name another hash than the content's. */
    public Repo lie(String path, String hash) {
      lies.put(path, hash);
      return this;
    }

    public String hashOf(String path) {
      byte[] content = Objects.requireNonNull(files.get(path), path);
      return lies.getOrDefault(
          path, content.length >= LARGE ? hash("SHA-256", content) : gitHash(content));
    }
  }

  private final ServerSocket hubSocket;
  private final ServerSocket storeSocket;
  private final Map<String, Repo> repositories = new ConcurrentHashMap<>();
  private final Map<String, String> renamed = new ConcurrentHashMap<>();
  private final Map<String, byte[]> store = new ConcurrentHashMap<>();

  /** All requests so far. */
  public final List<Request> requests = new CopyOnWriteArrayList<>();

  /** Says what goes wrong with a request. */
  public volatile Function<Request, Optional<Fault>> faults = _ -> Optional.empty();

  /** Whether ranges are ignored: each answer is the whole file. */
  public volatile boolean ignoresRanges;

  /** Bytes a second of each connection; 0 for no limit. */
  public volatile long bytesPerSecond;

  /** What signed addresses of the second port must carry; changed, older ones are refused. */
  public volatile String signature = "1";

  /** The token without which nothing is shown, if any. */
  public volatile @Nullable String token;

  public TestHub() throws IOException {
    this(0);
  }

  public TestHub(int port) throws IOException {
    hubSocket = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    storeSocket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(() -> accept(hubSocket, true));
    Thread.ofPlatform().daemon().start(() -> accept(storeSocket, false));
  }

  public static void main(String[] arguments) throws Exception {
    TestHub hub = new TestHub(Integer.parseInt(arguments[0]));
    Path folder = Path.of(arguments[1]);
    hub.bytesPerSecond = arguments.length > 2 ? Long.parseLong(arguments[2]) : 0;
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        Path path = folder.relativize(file);
        String name = path.getName(0) + "/" + path.getName(1);
        hub.repositories
            .computeIfAbsent(name, Repo::new)
            .file(path.subpath(2, path.getNameCount()).toString(), Files.readAllBytes(file));
      }
    }
    System.out.println(hub.endpoint());
    while (true) {
      Thread.sleep(500);
      for (Request request : hub.requests) {
        System.out.println(request);
      }
      hub.requests.clear();
    }
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + hubSocket.getLocalPort());
  }

  /** Of another host name, since Python's client takes servers of one name for one server. */
  public URI storeEndpoint() {
    return URI.create("http://localhost:" + storeSocket.getLocalPort());
  }

  /** The repository of a name, at first without files. */
  public Repo repository(String name) {
    return repositories.computeIfAbsent(name, Repo::new);
  }

  /** Makes the old name lead to the new one. */
  public void rename(String from, String to) {
    renamed.put(from, to);
  }

  /** Bytes of content sent. */
  public long sent() {
    return requests.stream().filter(Request::isForContent).mapToLong(r -> r.sent().get()).sum();
  }

  private void accept(ServerSocket server, boolean atHub) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket, atHub));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket, boolean atHub) {
    try (socket;
        InputStream in = new BufferedInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream()) {
      socket.setTcpNoDelay(true);
      while (true) {
        String line = line(in);
        if (line == null) {
          return;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
          int colon = header.indexOf(':');
          headers.put(
              header.substring(0, colon).toLowerCase(Locale.ROOT),
              header.substring(colon + 1).strip());
        }
        String[] parts = line.split(" ", -1);
        String path = parts[1].replaceFirst("^http://[^/]+", ""); // as a proxy is asked
        Request request = new Request(atHub, parts[0], path, headers, new AtomicLong());
        requests.add(request);
        if (!answer(request, out)) {
          return;
        }
      }
    } catch (IOException clientLeft) {
      // As clients do.
    }
  }

  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  /** Returns whether the connection goes on. */
  private boolean answer(Request request, OutputStream out) throws IOException {
    Fault fault = faults.apply(request).orElse(null);
    if (fault instanceof Fault.CutInHeaders) {
      out.write("HTTP/1.1 200 OK\r\nContent-Le".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return false;
    }
    if (fault instanceof Fault.Answer answer) {
      return send(request, out, answer.status(), answer.headers(), new byte[0], 0, 0, null);
    }
    if (!request.atHub()) {
      return store(request, out, fault);
    }
    String wanted = token;
    if (wanted != null && !("Bearer " + wanted).equals(request.headers().get("authorization"))) {
      return refuse(request, out, 401, "RepoNotFound");
    }
    String path = URLDecoder.decode(request.path().split("\\?", -1)[0], StandardCharsets.UTF_8);
    for (Map.Entry<String, String> rename : renamed.entrySet()) {
      if (path.contains(rename.getKey() + "/")) {
        Map<String, String> headers =
            Map.of("Location", request.path().replace(rename.getKey(), rename.getValue()));
        return send(request, out, 307, headers, new byte[0], 0, 0, null);
      }
    }
    return route(request, out, fault, path);
  }

  private boolean route(Request request, OutputStream out, @Nullable Fault fault, String path)
      throws IOException {
    for (Map.Entry<String, Repo> entry : repositories.entrySet()) {
      String name = entry.getKey();
      Repo repo = entry.getValue();
      if (path.startsWith("/api/models/" + name + "/revision/")) {
        String revision = path.substring(("/api/models/" + name + "/revision/").length());
        return isKnown(repo, revision)
            ? json(request, out, description(name, repo), Map.of(), fault)
            : refuse(request, out, 404, "RevisionNotFound");
      }
      if (path.startsWith("/api/models/" + name + "/tree/")) {
        return json(request, out, tree(repo), Map.of(), fault);
      }
      if (path.startsWith("/" + name + "/resolve/")) {
        String rest = path.substring(("/" + name + "/resolve/").length());
        int slash = rest.indexOf('/');
        String file = rest.substring(slash + 1);
        if (!isKnown(repo, rest.substring(0, slash))) {
          return refuse(request, out, 404, "RevisionNotFound");
        }
        return repo.files.containsKey(file)
            ? file(request, out, repo, file, fault)
            : refuse(request, out, 404, "EntryNotFound");
      }
    }
    return refuse(request, out, 401, "RepoNotFound");
  }

  private static boolean isKnown(Repo repo, String revision) {
    return revision.equals("main") || revision.equals(repo.commit);
  }

  private static String description(String name, Repo repo) {
    String siblings =
        repo.files.keySet().stream()
            .map(file -> "{\"rfilename\":\"%s\"}".formatted(file.replace("\\", "\\\\")))
            .collect(Collectors.joining(","));
    String card =
        repo.license == null ? "" : ",\"cardData\":{\"license\":\"" + repo.license + "\"}";
    return "{\"id\":\"%s\",\"sha\":\"%s\",\"private\":false,\"siblings\":[%s]%s%s}"
        .formatted(name, repo.commit, siblings, card, repo.extra);
  }

  private static String tree(Repo repo) {
    return repo.files.entrySet().stream()
        .map(entry -> {
          byte[] content = entry.getValue();
          String lfs =
              content.length < LARGE
                  ? ""
                  : ",\"lfs\":{\"oid\":\"%s\",\"size\":%d,\"pointerSize\":130}"
                      .formatted(hash("SHA-256", content), content.length);
          return "{\"type\":\"file\",\"path\":\"%s\",\"size\":%d,\"oid\":\"%s\"%s}"
              .formatted(entry.getKey(), content.length, gitHash(content), lfs);
        })
        .collect(Collectors.joining(",", "[", "]"));
  }

  private boolean file(
      Request request, OutputStream out, Repo repo, String path, @Nullable Fault fault)
      throws IOException {
    byte[] content = Objects.requireNonNull(repo.files.get(path));
    String hash = repo.hashOf(path);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("X-Repo-Commit", repo.commit);
    if (content.length < LARGE) {
      headers.put("ETag", "\"" + hash + "\"");
      return content(request, out, headers, content, fault);
    }
    store.put(hash, content);
    headers.put("X-Linked-Etag", "\"" + hash + "\"");
    headers.put("X-Linked-Size", String.valueOf(content.length));
    headers.put("ETag", "W/\"an-entity-of-its-own\"");
    headers.put("Location", storeEndpoint() + "/" + hash + "?signature=" + signature);
    return send(request, out, 302, headers, new byte[0], 0, 0, null);
  }

  private boolean store(Request request, OutputStream out, @Nullable Fault fault)
      throws IOException {
    byte[] content = store.get(request.path().substring(1).split("\\?", -1)[0]);
    if (content == null || !request.path().endsWith("?signature=" + signature)) {
      return send(request, out, 403, Map.of(), new byte[0], 0, 0, null);
    }
    return content(request, out, Map.of("ETag", "\"of-the-store\""), content, fault);
  }

  private boolean content(
      Request request,
      OutputStream out,
      Map<String, String> headers,
      byte[] content,
      @Nullable Fault fault)
      throws IOException {
    byte[] sent = fault instanceof Fault.Other other ? other.content : content;
    String range = request.headers().get("range");
    if (range == null || ignoresRanges) {
      return send(request, out, 200, headers, sent, 0, sent.length, fault);
    }
    int from = (int) request.from();
    int to = Math.min(sent.length - 1, Integer.parseInt(range.replaceAll(".*-", "")));
    if (from >= sent.length) {
      return send(request, out, 416, headers, new byte[0], 0, 0, fault);
    }
    Map<String, String> ranged = new LinkedHashMap<>(headers);
    ranged.put("Content-Range", "bytes %d-%d/%d".formatted(from, to, sent.length));
    return send(request, out, 206, ranged, sent, from, to + 1, fault);
  }

  private boolean json(
      Request request,
      OutputStream out,
      String text,
      Map<String, String> headers,
      @Nullable Fault fault)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put("Content-Type", "application/json");
    return send(request, out, 200, all, bytes, 0, bytes.length, fault);
  }

  private boolean refuse(Request request, OutputStream out, int status, String code)
      throws IOException {
    return send(request, out, status, Map.of("X-Error-Code", code), new byte[0], 0, 0, null);
  }

  private boolean send(
      Request request,
      OutputStream out,
      int status,
      Map<String, String> headers,
      byte[] content,
      int from,
      int to,
      @Nullable Fault fault)
      throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Any\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(to - from).append("\r\n\r\n");
    out.write(head.toString().getBytes(StandardCharsets.US_ASCII));
    out.flush();
    if (request.method().equals("HEAD")) {
      return true;
    }
    if (fault instanceof Fault.Stall) {
      pause(60_000);
      return false;
    }
    long end = fault instanceof Fault.CutAfter cut ? Math.min(to, from + cut.bytes()) : to;
    int block = bytesPerSecond > 0 ? (int) Math.max(1, bytesPerSecond / 50) : 1 << 16;
    for (int at = from; at < end; at += block) {
      int count = (int) Math.min(block, end - at);
      request.sent().addAndGet(count);
      out.write(content, at, count);
      out.flush();
      if (bytesPerSecond > 0) {
        pause(20);
      }
    }
    return !(fault instanceof Fault.CutAfter);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /** Git's hash of a file. */
  public static String gitHash(byte[] content) {
    byte[] head = ("blob " + content.length + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] all = new byte[head.length + content.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(content, 0, all, head.length, content.length);
    return hash("SHA-1", all);
  }

  static String hash(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      hubSocket.close();
      storeSocket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
