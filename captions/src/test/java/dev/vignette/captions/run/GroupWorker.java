package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A worker whose model captions images in groups: all that are in hand at a step are captioned in
 * it together, and fail together.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 */
final class GroupWorker<P> implements CaptionWorker<P> {
  private final int capacity;
  private final Model<P> model;
  private final SequencedMap<CaptionTask<P>, Listener> inHand = new LinkedHashMap<>();

  /** Captions a group of images. */
  @FunctionalInterface
  interface Model<P> {
    /**
     * Captions {@code tasks}, at least one.
     *
     * @return for each task, in their order, one caption a setting
     * @throws RuntimeException if they cannot be captioned
     */
    List<List<CaptionDetails>> caption(List<CaptionTask<P>> tasks);
  }

  /**
   * @param capacity the most images of a group, at least 1
   */
  GroupWorker(int capacity, Model<P> model) {
    if (capacity < 1) {
      throw new IllegalArgumentException("A group has at least 1 image, but not " + capacity);
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
    requireRoom(inHand.size(), task);
    inHand.put(task, listener);
  }

  @Override
  public boolean step() {
    if (inHand.isEmpty()) {
      return false;
    }
    SequencedMap<CaptionTask<P>, Listener> group = new LinkedHashMap<>(inHand);
    inHand.clear();
    List<List<CaptionDetails>> made;
    try {
      made = model.caption(List.copyOf(group.keySet()));
    } catch (RuntimeException failure) {
      group.values().forEach(listener -> listener.failed(failure));
      return false;
    }
    int place = 0;
    for (Listener listener : group.values()) {
      listener.captioned(made.get(place++));
    }
    return false;
  }

  @Override
  public void cancel(CaptionTask<P> task) {
    inHand.remove(task);
  }

  /** Does nothing: the model stays its owner's. */
  @Override
  public void close() {}
}
