package dev.vignette.hub;

import dev.vignette.hub.HubException.Reason;
import dev.vignette.hub.Repository.RemoteFile;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Hugging Face's hub and the cache on this machine. A pull is three steps: {@link #repository} asks
 * what there is, {@link #plan} how large the wanted files are and which of them are missing, and
 * {@link #pull} fetches those. Nothing is downloaded before the last.
 *
 * <p>Protocol as huggingface_hub 2.0.0 speaks it (file_download.py, hf_api.py, utils/_http.py).
 */
public final class Hub implements AutoCloseable {
  private static final int QUESTIONS_AT_ONCE = 8;
  private static final Duration LOCK_POLL = Duration.ofMillis(100);

  private final HubSettings settings;
  private final HubCache cache;
  private final Tuning tuning;
  private final HubConnection connection;

  /** Opens nothing yet: the first question connects. */
  public Hub(HubSettings settings) {
    this(settings, new HubCache(settings.cache()), Tuning.USUAL);
  }

  Hub(HubSettings settings, HubCache cache, Tuning tuning) {
    this.settings = settings;
    this.cache = cache;
    this.tuning = tuning;
    this.connection = new HubConnection(settings, tuning.pause());
  }

  /** The cache that pulls fill. */
  public HubCache cache() {
    return cache;
  }

  /**
   * Asks for a repository: its commit, its files, its licence.
   *
   * @throws HubException if there is none, it may not be seen, or the hub cannot be reached
   */
  public Repository repository(ModelReference reference, PullListener listener)
      throws HubException {
    URI uri = HubPaths.description(settings.endpoint(), reference);
    return retries(listener)
        .call(() -> {
          try (HubReply reply = connection.get(uri, Optional.empty())) {
            new HubRefusal(settings, reference, Optional.empty()).check(reply);
            return RepositoryReader.read(reference, reply.body());
          }
        });
  }

  /**
   * Asks how large some files of a repository are and which hashes they have, and looks which are
   * in the cache.
   *
   * @throws HubException if one of them is not there, or its name is not safe
   */
  public PullPlan plan(Repository repository, List<String> paths, PullListener listener)
      throws IOException {
    Path snapshot = cache.snapshot(repository);
    for (String path : paths) {
      HubPaths.below(snapshot, path);
    }
    List<Callable<RemoteFile>> questions = new ArrayList<>();
    for (String path : paths) {
      questions.add(() -> ask(repository, path, listener));
    }
    List<RemoteFile> files = inParallel(QUESTIONS_AT_ONCE, questions);
    List<RemoteFile> missing = new ArrayList<>();
    long bytes = 0;
    for (RemoteFile file : files) {
      if (!cache.has(file)) {
        missing.add(file);
        bytes += cache.hasBlob(file) ? 0 : file.bytes() - left(file);
      }
    }
    return new PullPlan(repository, files, missing, bytes);
  }

  private long left(RemoteFile file) throws IOException {
    return PartialBlob.received(cache.blob(file), file.bytes());
  }

  private RemoteFile ask(Repository repository, String path, PullListener listener)
      throws IOException {
    HubRefusal refusal = new HubRefusal(settings, repository.reference(), Optional.of(path));
    if (!repository.files().contains(path)) {
      cache.rememberAbsent(repository, path);
      throw refusal.noFile(repository.files());
    }
    URI uri = HubPaths.resolve(settings.endpoint(), repository.name(), repository.commit(), path);
    HubReply reply =
        retries(listener)
            .call(() -> {
              HubReply answer = connection.head(uri);
              refusal.check(answer);
              return answer;
            });
    String commit = reply.header("X-Repo-Commit").orElse("");
    if (!commit.equals(repository.commit())) {
      throw new HubException(
          Reason.PROTOCOL,
          "%s answers for %s with %s, where commit %s was asked for; is it a hub? Check HF_ENDPOINT and the proxy"
              .formatted(
                  uri.getHost(),
                  path,
                  commit.isEmpty() ? "no commit" : "commit " + commit,
                  repository.commit()));
    }
    String hash =
        reply.tag("X-Linked-Etag").or(() -> reply.tag("ETag")).orElse("").toLowerCase(Locale.ROOT);
    if (!ContentCheck.isHash(hash)) {
      throw new HubException(
          Reason.PROTOCOL,
          "%s names the content of %s '%s', which is neither a SHA-256 nor a git hash, so that it could not be checked. Check HF_ENDPOINT"
              .formatted(uri.getHost(), path, hash));
    }
    return new RemoteFile(repository, path, size(reply, path), hash);
  }

  private static long size(HubReply reply, String path) throws HubException {
    if (reply.number("X-Linked-Size").isPresent()) {
      return reply.number("X-Linked-Size").getAsLong();
    }
    if (!reply.isRedirect() && reply.number("Content-Length").isPresent()) {
      return reply.number("Content-Length").getAsLong();
    }
    throw new HubException(
        Reason.PROTOCOL,
        "%s does not say how large %s is. Check HF_ENDPOINT and the proxy"
            .formatted(reply.uri().getHost(), path));
  }

  /**
   * Fetches the first bytes of a file into {@code target}, which takes the file's size without
   * taking its room: what reads headers finds there what it would find in the file.
   */
  public void head(RemoteFile file, long bytes, Path target, PullListener listener)
      throws IOException {
    long wanted = Math.min(bytes, file.bytes());
    URI uri = file.uri(settings.endpoint());
    byte[] head =
        retries(listener)
            .call(() -> {
              try (HubReply reply =
                  connection.get(uri, Optional.of("bytes=0-" + Math.max(0, wanted - 1)))) {
                new HubRefusal(settings, file.repository().reference(), Optional.of(file.path()))
                    .check(reply);
                return reply.body().readNBytes((int) wanted);
              }
            });
    try (FileChannel channel =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.SPARSE)) {
      ByteBuffer block = ByteBuffer.wrap(head);
      while (block.hasRemaining()) {
        channel.write(block);
      }
      if (head.length < file.bytes()) {
        channel.write(ByteBuffer.wrap(new byte[1]), file.bytes() - 1);
      }
    }
  }

  /**
   * Fetches what is missing, and returns the snapshot's folder. Stopped or killed, it goes on the
   * next time where it was; another process that fetches the same file is waited for.
   *
   * @throws HubException if something cannot be had; files that are whole stay in the cache
   */
  public Path pull(PullPlan plan, PullListener listener) throws IOException {
    cache.create();
    requireSpace(plan);
    listener.started(plan);
    List<Callable<RemoteFile>> small = new ArrayList<>();
    List<RemoteFile> large = new ArrayList<>();
    for (RemoteFile file : plan.missing()) {
      if (file.bytes() <= tuning.rangeBytes()) {
        small.add(() -> fetch(file, listener));
      } else {
        large.add(file);
      }
    }
    inParallel(tuning.connections(), small);
    for (RemoteFile file : large) {
      fetch(file, listener);
    }
    cache.remember(plan.repository());
    return cache.snapshot(plan.repository());
  }

  private void requireSpace(PullPlan plan) throws IOException {
    long usable = tuning.space().usable(cache.folder());
    if (usable < plan.missingBytes()) {
      throw new HubException(
          Reason.DISK_FULL,
          "%s needs %s, but the disk of %s has %s free: %s are missing. Make room ('vignette models' shows what the cache holds), or name another disk in HF_HUB_CACHE"
              .formatted(
                  plan.repository().reference(),
                  ByteCount.text(plan.missingBytes()),
                  cache.folder(),
                  ByteCount.text(usable),
                  ByteCount.text(plan.missingBytes() - usable)));
    }
  }

  private RemoteFile fetch(RemoteFile file, PullListener listener) throws IOException {
    try (ProcessFlock _ = lock(file, listener)) {
      boolean fresh = false;
      if (cache.hasBlob(file)) {
        listener.received(file.bytes() - left(file));
      } else {
        download(file, listener);
        fresh = true;
      }
      cache.point(file, fresh);
    }
    listener.finished(file);
    return file;
  }

  private ProcessFlock lock(RemoteFile file, PullListener listener) throws IOException {
    for (int polls = 0; ; polls++) {
      Optional<ProcessFlock> lock = ProcessFlock.tryLock(cache.lock(file));
      if (lock.isPresent()) {
        return lock.get();
      }
      if (polls == 0) {
        listener.note("Another process downloads %s; waiting for it".formatted(file));
      }
      try {
        Thread.sleep(LOCK_POLL);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        throw new HubException(Reason.NO_NETWORK, "The download was stopped", stopped);
      }
    }
  }

  private void download(RemoteFile file, PullListener listener) throws IOException {
    boolean again;
    do {
      again = downloadOnce(file, listener);
    } while (again);
  }

  /** Returns whether what an earlier download left was no good, so that all is fetched anew. */
  private boolean downloadOnce(RemoteFile file, PullListener listener) throws IOException {
    Path blob = cache.blob(file);
    try (PartialBlob partial =
        PartialBlob.open(blob, file.bytes(), tuning.rangeBytes(), tuning.writer())) {
      try {
        new BlobDownload(connection, settings, file, partial, tuning, listener).run();
      } catch (HubException failure) {
        if (failure.reason() == Reason.CHANGED) {
          partial.delete();
        }
        throw failure;
      }
      listener.checking(file);
      String found = ContentCheck.hash(partial.file(), file.hash());
      if (found.equals(file.hash())) {
        partial.moveTo(blob);
        return false;
      }
      boolean resumed = partial.isResumed();
      partial.delete();
      if (!resumed) {
        throw new HubException(
            Reason.WRONG_HASH,
            "%s has the hash %s, but the hub names it %s: it is deleted. Run the command again; if that does not help, the proxy or the mirror (HF_ENDPOINT) alters files"
                .formatted(file, found, file.hash()));
      }
      listener.discarded(file.bytes());
      listener.note(
          "What an earlier download left of %s is damaged; from the start".formatted(file));
      return true;
    }
  }

  private Retries retries(PullListener listener) {
    Consumer<String> notes = listener::note;
    return connection.retries(notes);
  }

  /** Runs tasks, so many at a time; the first failure ends it once the running ones have ended. */
  private static <T> List<T> inParallel(int atOnce, List<Callable<T>> tasks) throws IOException {
    ExecutorService threads =
        Executors.newFixedThreadPool(atOnce, Thread.ofVirtual().name("hub-", 0).factory());
    List<Future<T>> futures = new ArrayList<>();
    try {
      tasks.forEach(task -> futures.add(threads.submit(task)));
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException failure) {
      futures.forEach(future -> future.cancel(false));
      switch (failure.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(failure);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new HubException(Reason.NO_NETWORK, "The download was stopped", stopped);
    } finally {
      threads.shutdown();
      threads.close();
    }
  }

  /** Ends the connections. */
  @Override
  public void close() {
    connection.close();
  }

  /**
   * What a pull would do.
   *
   * @param files the files wanted, whether they are in the cache or not
   * @param missing those of them that the cache lacks, in the order of downloading
   * @param missingBytes what remains to be downloaded, without what an earlier pull left
   */
  public record PullPlan(
      Repository repository, List<RemoteFile> files, List<RemoteFile> missing, long missingBytes) {

    public PullPlan {
      files = List.copyOf(files);
      missing = List.copyOf(missing);
    }

    /** Bytes of all files wanted. */
    public long bytes() {
      return files.stream().mapToLong(RemoteFile::bytes).sum();
    }
  }

  /**
   * Hears how a pull goes. Methods are called from several threads at once, and should be quick.
   */
  public interface PullListener {
    /** Hears nothing. */
    PullListener SILENT = new PullListener() {};

    /** The download begins. */
    default void started(PullPlan plan) {}

    /** So many bytes more are on the disk. */
    default void received(long bytes) {}

    /** So many bytes that were on the disk, of a file that is begun anew, count no longer. */
    default void discarded(long bytes) {}

    /** All of a file is there, and its hash is computed. */
    default void checking(RemoteFile file) {}

    /** A file is whole, checked and in the cache. */
    default void finished(RemoteFile file) {}

    /** A sentence for a person who waits, such as why a request is made again. */
    default void note(String sentence) {}
  }
}
