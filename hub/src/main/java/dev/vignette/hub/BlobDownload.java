package dev.vignette.hub;

import dev.vignette.hub.Hub.PullListener;
import dev.vignette.hub.HubException.Reason;
import dev.vignette.hub.Repository.RemoteFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Fetches what is missing of one file: ranges, several at a time, each begun again where it was
 * cut. The first request shows whether the server knows ranges; from one that does not, everything
 * is read from the beginning, and what is there already is passed over.
 */
final class BlobDownload {
  private static final int BLOCK_BYTES = 1 << 17;

  /** A reply that is read, and when it last sent something. */
  private static final class Stream {
    private final HubReply reply;
    private volatile long heard = System.nanoTime();

    Stream(HubReply reply) {
      this.reply = reply;
    }
  }

  private final HubConnection connection;
  private final RemoteFile file;
  private final PartialBlob partial;
  private final Tuning tuning;
  private final PullListener listener;
  private final URI address;
  private final HubRefusal refusal;
  private final Queue<Integer> waiting = new ConcurrentLinkedQueue<>();
  private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
  private final AtomicReference<URI> place;
  private final AtomicReference<@Nullable HubException> failure = new AtomicReference<>();
  private final AtomicBoolean rangesKnown = new AtomicBoolean();
  private final List<Thread> others = new ArrayList<>();
  private volatile boolean over;

  BlobDownload(
      HubConnection connection,
      HubSettings settings,
      RemoteFile file,
      PartialBlob partial,
      Tuning tuning,
      PullListener listener) {
    this.connection = connection;
    this.file = file;
    this.partial = partial;
    this.tuning = tuning;
    this.listener = listener;
    this.address = file.uri(settings.endpoint());
    this.place = new AtomicReference<>(address);
    this.refusal =
        new HubRefusal(settings, file.repository().reference(), Optional.of(file.path()));
  }

  /**
   * Returns when all bytes are there.
   *
   * @throws HubException if they cannot be had; what is there stays
   */
  void run() throws HubException {
    for (int range = 0; range < partial.rangeCount(); range++) {
      if (!partial.isWhole(range)) {
        waiting.add(range);
      }
    }
    Thread watch = Thread.ofVirtual().name("stalls of " + file).start(this::watchForStalls);
    try {
      fetchRanges();
      for (Thread other : others) {
        other.join();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      fail(new HubException(Reason.NO_NETWORK, "The download was stopped", stopped));
    } finally {
      over = true;
      watch.interrupt();
      streams.forEach(stream -> stream.reply.close());
    }
    HubException first = failure.get();
    if (first != null) {
      throw first;
    }
  }

  /** Fetches one waiting range after the other; failures are kept for {@link #run}. */
  private void fetchRanges() {
    Retries retries = connection.retries(listener::note);
    try {
      for (Integer range = waiting.poll(); range != null; range = waiting.poll()) {
        while (!partial.isWhole(range) && failure.get() == null) {
          try {
            fetch(range, retries);
          } catch (IOException cut) {
            if (failure.get() == null) {
              retries.after(cut);
            }
          }
        }
      }
    } catch (HubException hopeless) {
      fail(hopeless);
    } catch (RuntimeException defect) {
      fail(new HubException(Reason.PROTOCOL, file + " cannot be downloaded: " + defect, defect));
    }
  }

  private void fail(HubException reason) {
    failure.compareAndSet(null, reason);
    streams.forEach(stream -> stream.reply.close());
  }

  private void fetch(int range, Retries retries) throws IOException {
    long from = partial.position(range);
    long end = partial.end(range);
    Stream stream = new Stream(open("bytes=%d-%d".formatted(from, end - 1)));
    streams.add(stream);
    try {
      HubReply reply = stream.reply;
      requireSame(reply);
      if (reply.status() == 206) {
        long last = requireExtent(reply, from, end);
        startOthers();
        copy(stream, range, last + 1 - from, retries);
      } else if (rangesKnown.get()) {
        skip(stream, from);
        copy(stream, range, end - from, retries);
      } else {
        readWhole(stream, retries);
      }
    } finally {
      streams.remove(stream);
      stream.reply.close();
    }
  }

  /**
   * Asks where the hub redirected to the last time; signed addresses expire, then the hub again.
   */
  private HubReply open(String range) throws IOException {
    URI known = place.get();
    HubReply reply = connection.get(known, Optional.of(range));
    if (reply.status() >= 400 && !connection.isHub(known) && reply.status() != 416) {
      reply.close();
      place.compareAndSet(known, address);
      reply = connection.get(address, Optional.of(range));
    }
    if (reply.status() == 416) {
      reply.close();
      throw changed("has fewer bytes");
    }
    refusal.check(reply);
    place.set(reply.uri());
    return reply;
  }

  private void requireSame(HubReply reply) throws HubException {
    if (!connection.isHub(reply.uri())) {
      return; // that server's tags are its own; the hash will tell
    }
    Optional<String> tag = reply.tag("X-Linked-Etag").or(() -> reply.tag("ETag"));
    if (tag.isPresent() && ContentCheck.isHash(tag.get()) && !tag.get().equals(file.hash())) {
      throw changed("has the hash " + tag.get());
    }
  }

  private long requireExtent(HubReply reply, long from, long end) throws HubException {
    HubReply.Extent extent =
        reply
            .contentRange()
            .orElseThrow(() ->
                new HubException(
                    Reason.PROTOCOL,
                    "%s sends a part of %s and does not say which. Check HF_ENDPOINT and the proxy"
                        .formatted(reply.uri().getHost(), file)));
    if (extent.total() != file.bytes()) {
      throw changed("has " + ByteCount.text(extent.total()));
    }
    if (extent.first() != from || extent.last() < from || extent.last() >= end) {
      throw new HubException(
          Reason.PROTOCOL,
          "%s sends bytes %d to %d of %s where %d to %d were asked for. Check HF_ENDPOINT and the proxy"
              .formatted(
                  reply.uri().getHost(), extent.first(), extent.last(), file, from, end - 1));
    }
    return extent.last();
  }

  private HubException changed(String found) {
    return new HubException(
        Reason.CHANGED,
        "%s changed while it was downloaded: it had %s and the hash %s, and now %s. What was there of it is deleted: run the command again"
            .formatted(file, ByteCount.text(file.bytes()), file.hash(), found));
  }

  private void startOthers() {
    if (rangesKnown.compareAndSet(false, true)) {
      int count = Math.min(tuning.connections() - 1, waiting.size());
      for (int i = 0; i < count; i++) {
        others.add(Thread.ofVirtual().name(file + " " + (i + 2)).start(this::fetchRanges));
      }
    }
  }

  private void readWhole(Stream stream, Retries retries) throws IOException {
    long length = stream.reply.number("Content-Length").orElse(file.bytes());
    if (length != file.bytes()) {
      throw changed("has " + ByteCount.text(length));
    }
    for (int range = 0; range < partial.rangeCount(); range++) {
      skip(stream, partial.position(range) - partial.start(range));
      copy(stream, range, partial.end(range) - partial.position(range), retries);
    }
    if (stream.reply.body().read() >= 0) {
      throw changed("is longer");
    }
  }

  private void skip(Stream stream, long count) throws IOException {
    byte[] block = new byte[BLOCK_BYTES];
    for (long left = count; left > 0; ) {
      left -= read(stream, block, left);
    }
  }

  private void copy(Stream stream, int range, long count, Retries retries) throws IOException {
    byte[] block = new byte[BLOCK_BYTES];
    for (long left = count; left > 0; ) {
      int read = read(stream, block, left);
      partial.append(range, ByteBuffer.wrap(block, 0, read));
      listener.received(read);
      retries.progressed();
      left -= read;
    }
  }

  private int read(Stream stream, byte[] block, long most) throws IOException {
    InputStream body = stream.reply.body();
    int read = body.read(block, 0, (int) Math.min(block.length, most));
    if (read < 0) {
      throw new EOFException(stream.reply.uri().getHost() + " ended the connection early");
    }
    stream.heard = System.nanoTime();
    return read;
  }

  /** Closes connections that send nothing any more; their readers then try again. */
  private void watchForStalls() {
    long most = tuning.stall().toNanos();
    try {
      while (!over) {
        Thread.sleep(tuning.stall().dividedBy(4));
        long now = System.nanoTime();
        for (Stream stream : streams) {
          if (now - stream.heard > most) {
            stream.reply.close();
          }
        }
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }
}
