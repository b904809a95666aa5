package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.decoding.search.Ticket;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A worker whose model decodes many prompts at once: images join while others decode, and each is
 * answered when its own prompts are done.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 */
public final class BatchWorker<P> implements CaptionWorker<P> {
  private final int capacity;
  private final Model<P> model;
  private final SequencedMap<CaptionTask<P>, Listener> joining = new LinkedHashMap<>();
  private final SequencedMap<CaptionTask<P>, InHand> decoding = new LinkedHashMap<>();

  /** A batch of prompts, and what tasks are to it. */
  public interface Model<P> extends AutoCloseable {
    /**
     * Hands a task's prompts in.
     *
     * @return a ticket a setting, in their order
     * @throws RuntimeException if the task cannot be captioned; nothing of it is handed in then
     */
    List<Ticket> submit(CaptionTask<P> task);

    /** Takes one decode for all; returns false when no prompt is left. */
    boolean step();

    /** Takes a prompt out. */
    void cancel(Ticket ticket);

    /**
     * Makes the captions of a task whose tickets are all done.
     *
     * @throws RuntimeException what a ticket failed with
     */
    List<CaptionDetails> captions(CaptionTask<P> task, List<Ticket> tickets);

    @Override
    void close();
  }

  private record InHand(List<Ticket> tickets, Listener listener) {
    boolean isDone() {
      return tickets.stream().allMatch(Ticket::isDone);
    }
  }

  /**
   * @param capacity images in hand at once, at least 1
   * @param model closed with this worker
   */
  public BatchWorker(int capacity, Model<P> model) {
    if (capacity < 1) {
      throw new IllegalArgumentException("A batch has at least 1 image, but not " + capacity);
    }
    this.capacity = capacity;
    this.model = model;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public void submit(CaptionTask<P> task, Listener listener) {
    requireRoom(joining.size() + decoding.size(), task);
    joining.put(task, listener);
  }

  @Override
  public boolean step() {
    List<Runnable> answers = new ArrayList<>();
    joining.forEach((task, listener) -> {
      try {
        decoding.put(task, new InHand(model.submit(task), listener));
      } catch (RuntimeException failure) {
        answers.add(() -> listener.failed(failure));
      }
    });
    joining.clear();
    if (!decoding.isEmpty()) {
      model.step();
      collect(answers);
    }
    answers.forEach(Runnable::run);
    return !joining.isEmpty() || !decoding.isEmpty();
  }

  private void collect(List<Runnable> answers) {
    Iterator<Map.Entry<CaptionTask<P>, InHand>> entries = decoding.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<CaptionTask<P>, InHand> entry = entries.next();
      InHand inHand = entry.getValue();
      if (inHand.isDone()) {
        entries.remove();
        answers.add(answer(entry.getKey(), inHand));
      }
    }
  }

  private Runnable answer(CaptionTask<P> task, InHand inHand) {
    try {
      List<CaptionDetails> captions = model.captions(task, inHand.tickets());
      return () -> inHand.listener().captioned(captions);
    } catch (RuntimeException failure) {
      return () -> inHand.listener().failed(failure);
    }
  }

  @Override
  public void cancel(CaptionTask<P> task) {
    joining.remove(task);
    InHand inHand = decoding.remove(task);
    if (inHand != null) {
      inHand.tickets().forEach(model::cancel);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
