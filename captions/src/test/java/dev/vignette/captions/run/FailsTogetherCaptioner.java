package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.images.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decodes four images at once, a few steps each; a bad one among them fails all that are in hand,
 * as a decode that throws does.
 */
final class FailsTogetherCaptioner implements CaptionWorkers<Integer> {
  private static final int STEPS = 3;

  /** How many images were in hand at each failure. */
  final List<Integer> failedTogether = new ArrayList<>();

  private final List<String> bad;

  FailsTogetherCaptioner(List<String> bad) {
    this.bad = bad;
  }

  @Override
  public Integer prepare(RgbImage image) {
    return Arrays.hashCode(image.rgb());
  }

  @Override
  public ModelFingerprint fingerprint(String setting) {
    return new HashCaptioner().fingerprint(setting);
  }

  @Override
  public CaptionWorker<Integer> open(int number) {
    return new Worker();
  }

  private final class Worker implements CaptionWorker<Integer> {
    private final Map<CaptionTask<Integer>, Listener> listeners = new LinkedHashMap<>();
    private final Map<CaptionTask<Integer>, Integer> steps = new LinkedHashMap<>();

    @Override
    public int capacity() {
      return 4;
    }

    @Override
    public void submit(CaptionTask<Integer> task, Listener listener) {
      listeners.put(task, listener);
      steps.put(task, 0);
    }

    @Override
    public boolean step() {
      steps.replaceAll((_, taken) -> taken + 1);
      if (steps.keySet().stream().anyMatch(this::isBadAndRead)) {
        failedTogether.add(steps.size());
        steps.clear();
        List.copyOf(listeners.values())
            .forEach(listener -> listener.failed(new IllegalStateException("decode returned -3")));
        listeners.clear();
        return false;
      }
      for (CaptionTask<Integer> task : List.copyOf(steps.keySet())) {
        if (steps.getOrDefault(task, 0) == STEPS) {
          steps.remove(task);
          String caption = HashCaptioner.captionOf(task.image().path(), "greedy");
          CaptionDetails details = new CaptionDetails(caption, List.of(), 0, 1, 1, 1);
          Listener listener = listeners.remove(task);
          if (listener != null) {
            listener.captioned(List.of(details));
          }
        }
      }
      return !steps.isEmpty();
    }

    private boolean isBadAndRead(CaptionTask<Integer> task) {
      return bad.contains(task.image().key()) && steps.getOrDefault(task, 0) == 2;
    }

    @Override
    public void cancel(CaptionTask<Integer> task) {
      listeners.remove(task);
      steps.remove(task);
    }

    @Override
    public void close() {}
  }
}
