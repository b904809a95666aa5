package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.images.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Captions as {@link HashCaptioner} does, with several workers that each have several images in
 * hand and answer one a step, in any order.
 */
class ManyAtOnceCaptioner implements CaptionWorkers<Integer> {
  final Set<String> bad = ConcurrentHashMap.newKeySet();
  final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  final List<Integer> sizes = new ArrayList<>();

  private final int count;
  private final int capacity;

  ManyAtOnceCaptioner(int count, int capacity) {
    this.count = count;
    this.capacity = capacity;
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
  public int count() {
    return count;
  }

  @Override
  public final int capacity() {
    return capacity;
  }

  @Override
  public CaptionWorker<Integer> open(int number) {
    threads.add(Thread.currentThread());
    return new Worker(new Random(number));
  }

  private final class Worker implements CaptionWorker<Integer> {
    private final Map<CaptionTask<Integer>, Listener> inHand = new LinkedHashMap<>();
    private final Random random;

    Worker(Random random) {
      this.random = random;
    }

    @Override
    public int capacity() {
      return capacity;
    }

    @Override
    public void submit(CaptionTask<Integer> task, Listener listener) {
      inHand.put(task, listener);
    }

    @Override
    public boolean step() {
      synchronized (sizes) {
        sizes.add(inHand.size());
      }
      List<CaptionTask<Integer>> tasks = new ArrayList<>(inHand.keySet());
      CaptionTask<Integer> task = tasks.get(random.nextInt(tasks.size()));
      Listener listener = Objects.requireNonNull(inHand.remove(task));
      if (bad.contains(task.image().key())) {
        listener.failed(new IllegalStateException("decode returned -3"));
      } else {
        listener.captioned(
            List.of(
                new CaptionDetails(
                    HashCaptioner.captionOf(task.image().path(), "greedy"),
                    List.of(),
                    0,
                    1,
                    1,
                    1)));
      }
      return !inHand.isEmpty();
    }

    @Override
    public void cancel(CaptionTask<Integer> task) {
      inHand.remove(task);
    }

    @Override
    public void close() {}
  }
}
