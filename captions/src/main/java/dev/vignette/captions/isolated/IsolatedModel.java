package dev.vignette.captions.isolated;

import dev.vignette.captions.isolated.IsolatedWorker.PreparedImagePipe;
import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.ImageInput;
import dev.vignette.files.sentences.FailureText;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CountDownLatch;

/**
 * The process of a model at the other end of an {@link IsolatedWorker}. A signal that reaches the
 * whole group of processes, as Ctrl-C does, waits until the other end needs it no more.
 */
public final class IsolatedModel implements AutoCloseable {
  private final CountDownLatch done = new CountDownLatch(1);

  private IsolatedModel() {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitQuietly(done), "vignette-isolated"));
  }

  /** Begins to be that process; open the model next. */
  public static IsolatedModel begin() {
    return new IsolatedModel();
  }

  /**
   * Captions images until there are no more.
   *
   * @param in the standard input of this process
   * @throws IOException if they cannot be read, or answers cannot be written
   */
  public <P> void serve(CaptionWorkers<P> workers, PreparedImagePipe<P> pipe, InputStream in)
      throws IOException {
    try (OutputStream out = new FileOutputStream(TaskPipe.ANSWERS.toFile());
        CaptionWorker<P> worker = workers.open(0)) {
      DataInputStream tasks = new DataInputStream(new BufferedInputStream(in));
      DataOutputStream answers = new DataOutputStream(new BufferedOutputStream(out));
      answers.writeInt(TaskPipe.READY);
      answers.flush();
      while (serveGroup(worker, pipe, tasks, answers)) {
        // Until there are no more images.
      }
    }
  }

  @Override
  public void close() {
    done.countDown();
  }

  private static void awaitQuietly(CountDownLatch done) {
    try {
      done.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static <P> boolean serveGroup(
      CaptionWorker<P> worker, PreparedImagePipe<P> pipe, DataInputStream in, DataOutputStream out)
      throws IOException {
    int count;
    try {
      count = in.readInt();
    } catch (EOFException _) {
      return false;
    }
    SequencedMap<Integer, CaptionTask<P>> tasks = new LinkedHashMap<>();
    for (int number = 0; number < count; number++) {
      ImageInput image = new ImageInput(Path.of("image"), TaskPipe.readText(in));
      List<String> settings = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        settings.add(TaskPipe.readText(in));
      }
      tasks.put(number, new CaptionTask<>(image, pipe.read(in), settings));
    }
    Map<Integer, Object> answers = new LinkedHashMap<>();
    tasks.forEach((number, task) -> worker.submit(task, collect(number, answers)));
    boolean left = true;
    while (left) {
      left = worker.step();
      for (Map.Entry<Integer, Object> answer : answers.entrySet()) {
        out.writeInt(answer.getKey());
        write(answer.getValue(), out);
      }
      out.flush(); // What is said is kept, whatever ends this process next.
      answers.clear();
    }
    return true;
  }

  private static CaptionWorker.Listener collect(int number, Map<Integer, Object> answers) {
    return new CaptionWorker.Listener() {
      @Override
      public void captioned(List<CaptionDetails> captions) {
        answers.put(number, captions);
      }

      @Override
      public void failed(RuntimeException reason) {
        answers.put(number, FailureText.of(reason));
      }
    };
  }

  private static void write(Object answer, DataOutputStream out) throws IOException {
    if (answer instanceof List<?> captions) {
      out.writeInt(captions.size());
      for (Object caption : captions) {
        TaskPipe.writeDetails(out, (CaptionDetails) caption);
      }
    } else {
      out.writeInt(-1);
      TaskPipe.writeText(out, answer.toString());
    }
  }
}
