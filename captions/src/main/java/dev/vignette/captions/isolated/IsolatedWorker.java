package dev.vignette.captions.isolated;

import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.UsageException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A worker whose model lives in a process of its own, which gets images by pipe. Where that process
 * ends, such as by an abort in native code, the images in hand have failed and the next one starts
 * it again.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 */
public final class IsolatedWorker<P> implements CaptionWorker<P> {
  private static final int PATIENCE_SECONDS = 10;

  /** More settings than anybody compares. */
  private static final int MOST_CAPTIONS = 1 << 16;

  private final ProcessBuilder command;
  private final int capacity;
  private final PreparedImagePipe<P> pipe;
  private final SequencedMap<CaptionTask<P>, Listener> inHand = new LinkedHashMap<>();
  private @Nullable Child child;
  private boolean opened;

  /** The process and both ends of its pipes. */
  private record Child(Process process, DataOutputStream out, DataInputStream in) {}

  /**
   * A worker whose process starts with the first image, or when it is {@link #opened}.
   *
   * @param command starts a process that calls {@link IsolatedModel#serve} with an equal {@code
   *     pipe}
   * @param capacity the most images in hand, at most that of the worker in the process
   */
  public IsolatedWorker(ProcessBuilder command, int capacity, PreparedImagePipe<P> pipe) {
    List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", TaskPipe.APART, "sh"));
    words.addAll(command.command());
    this.command = command.command(words).redirectError(ProcessBuilder.Redirect.INHERIT);
    this.capacity = capacity;
    this.pipe = pipe;
  }

  /**
   * This worker, with its process started and the model open in it, before there is any image.
   *
   * @throws UsageException if the process ends before it has opened the model
   */
  public IsolatedWorker<P> opened() {
    try {
      Child _ = running();
    } catch (IOException failure) {
      throw new UsageException(
          "The process of the model cannot be started (%s). Try without --isolate."
              .formatted(failure.getMessage()),
          failure);
    }
    return this;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public void submit(CaptionTask<P> task, Listener listener) {
    requireRoom(inHand.size(), task);
    inHand.put(task, listener);
  }

  /**
   * Has all images in hand captioned.
   *
   * @throws UsageException if the process ends before it has opened the model for the first time
   */
  @Override
  public boolean step() {
    if (inHand.isEmpty()) {
      return false;
    }
    List<CaptionTask<P>> tasks = List.copyOf(inHand.keySet());
    try {
      Child running = running();
      send(running.out, tasks);
      for (int answered = 0; answered < tasks.size(); answered++) {
        answer(running.in, tasks);
      }
    } catch (IOException ended) {
      IllegalStateException reason = new IllegalStateException(explain(), ended);
      inHand.values().forEach(listener -> listener.failed(reason));
    }
    inHand.clear();
    return false;
  }

  /** The process with the model open. */
  private Child running() throws IOException {
    if (child != null) {
      return child;
    }
    Process process = command.start();
    Child started =
        new Child(
            process,
            new DataOutputStream(new BufferedOutputStream(process.getOutputStream())),
            new DataInputStream(new BufferedInputStream(process.getInputStream())));
    child = started;
    try {
      if (started.in.readInt() != TaskPipe.READY) {
        throw new IOException("the process says something else");
      }
    } catch (IOException failure) {
      if (opened) {
        throw failure;
      }
      throw new UsageException(
          "The process of the model did not open it (%s); what it said stands above. Try without --isolate."
              .formatted(end(started)),
          failure);
    }
    opened = true;
    return started;
  }

  /** Gives the process up; returns a sentence on it. */
  private String explain() {
    Child ended = child;
    child = null;
    return ended == null
        ? "The process of the model cannot be started again."
        : "The process of the model ended while it had the image (%s); the next one starts it again."
            .formatted(end(ended));
  }

  private void send(DataOutputStream out, List<CaptionTask<P>> tasks) throws IOException {
    out.writeInt(tasks.size());
    for (CaptionTask<P> task : tasks) {
      TaskPipe.writeText(out, task.image().key());
      out.writeInt(task.settings().size());
      for (String setting : task.settings()) {
        TaskPipe.writeText(out, setting);
      }
      pipe.write(task.prepared(), out);
    }
    out.flush();
  }

  private void answer(DataInputStream in, List<CaptionTask<P>> tasks) throws IOException {
    int number = in.readInt();
    int captions = in.readInt();
    if (number < 0 || number >= tasks.size() || captions > MOST_CAPTIONS) {
      throw new IOException("the process says what is no answer");
    }
    CaptionTask<P> task = tasks.get(number);
    if (captions < 0) {
      IllegalStateException reason = new IllegalStateException(TaskPipe.readText(in));
      take(task).failed(reason);
      return;
    }
    List<CaptionDetails> details = new ArrayList<>(captions);
    for (int i = 0; i < captions; i++) {
      details.add(TaskPipe.readDetails(in));
    }
    take(task).captioned(details);
  }

  private Listener take(CaptionTask<P> task) throws IOException {
    Listener listener = inHand.remove(task);
    if (listener == null) {
      throw new IOException("one image was answered twice");
    }
    return listener;
  }

  /** Ends a process that is of no use any more; returns how it ended. */
  private static String end(Child child) {
    try {
      if (!child.process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        child.process.destroyForcibly().waitFor();
      }
      return "exit code " + child.process.exitValue();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      child.process.destroyForcibly();
      return "interrupted";
    }
  }

  @Override
  public void cancel(CaptionTask<P> task) {
    inHand.remove(task);
  }

  @Override
  public void close() {
    if (child != null) {
      try {
        child.out.close(); // Its input ends, and so does the process.
      } catch (IOException _) {
        child.process.destroy();
      }
      String _ = end(child);
      child = null;
    }
  }

  /**
   * How prepared images go through a pipe between processes.
   *
   * @param <P> what {@link CaptionWorkers#prepare} makes of an image
   */
  public interface PreparedImagePipe<P> {
    /** Writes a prepared image. */
    void write(P prepared, DataOutputStream out) throws IOException;

    /** Reads what {@link #write} wrote. */
    P read(DataInputStream in) throws IOException;
  }
}
