package dev.vignette.hub;

import dev.vignette.hub.Hub.PullListener;
import dev.vignette.hub.Repository.RemoteFile;
import java.io.IOException;
import java.net.ProxySelector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A hub for tests, a cache in a folder, and a client that does not wait. */
final class PullFixture implements AutoCloseable {
  static final int RANGE = 1 << 18;

  final TestHub server = new TestHub();
  final Path folder;
  final List<Duration> waits = new CopyOnWriteArrayList<>();
  final Heard heard = new Heard();
  Tuning tuning =
      new Tuning(4, RANGE, Duration.ofSeconds(20), waits::add, _ -> 1L << 50, PartialBlob.WRITES);
  Optional<String> token = Optional.empty();
  boolean offline;

  /** What the listener heard. */
  static final class Heard implements PullListener {
    final AtomicLong received = new AtomicLong();
    final List<String> notes = new CopyOnWriteArrayList<>();
    final List<String> finished = new CopyOnWriteArrayList<>();

    @Override
    public void received(long bytes) {
      received.addAndGet(bytes);
    }

    @Override
    public void discarded(long bytes) {
      received.addAndGet(-bytes);
    }

    @Override
    public void finished(RemoteFile file) {
      finished.add(file.path());
    }

    @Override
    public void note(String sentence) {
      notes.add(sentence);
    }
  }

  PullFixture(Path folder) throws IOException {
    this.folder = folder;
  }

  HubSettings settings() {
    return new HubSettings(server.endpoint(), token, folder, offline, ProxySelector.of(null));
  }

  Hub hub() {
    return new Hub(settings(), new HubCache(folder), tuning);
  }

  /** Pulls files, all when none is named. */
  Path pull(String reference, String... files) throws IOException {
    try (Hub hub = hub()) {
      Repository repository = hub.repository(ModelReference.parse(reference), heard);
      List<String> paths = files.length == 0 ? repository.files() : List.of(files);
      return hub.pull(hub.plan(repository, paths, heard), heard);
    }
  }

  static byte[] bytes(int count, long seed) {
    byte[] content = new byte[count];
    new Random(seed).nextBytes(content);
    return content;
  }

  @Override
  public void close() {
    server.close();
  }
}
