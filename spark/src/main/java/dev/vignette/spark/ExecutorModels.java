package dev.vignette.spark;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The models that are open in this JVM, each once for all tasks; closed when the JVM ends, when
 * they are broken, or when a task wants another model in their place that nobody uses.
 *
 * @param <M> what a model is
 */
final class ExecutorModels<M extends AutoCloseable> {
  private static final System.Logger LOG = System.getLogger(ExecutorModels.class.getName());

  private final Map<ModelKey, Entry<M>> open = new HashMap<>();
  private boolean hooked;

  /**
   * What tells models from others.
   *
   * @param model with all its settings
   * @param device where it computes
   * @param apart whether it is in a process of its own
   */
  record ModelKey(Object model, String device, boolean apart) {}

  private static final class Entry<M> {
    private final M model;
    private int users;

    Entry(M model) {
      this.model = model;
    }
  }

  /** A task's share in a model, which it gives back when it ends. */
  final class Lease implements AutoCloseable {
    private final ModelKey key;
    private final Entry<M> entry;
    private boolean closed;

    private Lease(ModelKey key, Entry<M> entry) {
      this.key = key;
      this.entry = entry;
    }

    M model() {
      return entry.model;
    }

    /** Has the next task open the model anew, since this one is broken. */
    void discard() {
      synchronized (ExecutorModels.this) {
        open.remove(key, entry);
      }
    }

    @Override
    public void close() {
      synchronized (ExecutorModels.this) {
        if (closed) {
          return;
        }
        closed = true;
        entry.users--;
        if (entry.users == 0 && open.get(key) != entry) {
          closeQuietly(entry);
        }
      }
    }
  }

  /**
   * Returns a share in a model, which is opened if it is not yet; others wait meanwhile.
   *
   * @param opening what opens it
   */
  synchronized Lease lease(ModelKey key, Supplier<M> opening) {
    @Nullable Entry<M> entry = open.get(key);
    if (entry == null) {
      closeIdle(key.device());
      entry = new Entry<>(opening.get());
      open.put(key, entry);
      closeAtTheEnd();
    }
    entry.users++;
    return new Lease(key, entry);
  }

  /** Makes room on a device. */
  private void closeIdle(String device) {
    for (Iterator<Map.Entry<ModelKey, Entry<M>>> all = open.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<ModelKey, Entry<M>> one = all.next();
      if (one.getValue().users == 0 && one.getKey().device().equals(device)) {
        all.remove();
        closeQuietly(one.getValue());
      }
    }
  }

  private void closeAtTheEnd() {
    if (!hooked) {
      hooked = true;
      Runtime.getRuntime().addShutdownHook(new Thread(this::closeAll, "vignette-models"));
    }
  }

  private synchronized void closeAll() {
    open.values().forEach(ExecutorModels::closeQuietly);
    open.clear();
  }

  private static void closeQuietly(Entry<? extends AutoCloseable> entry) {
    try {
      entry.model.close();
    } catch (Exception failure) {
      LOG.log(System.Logger.Level.WARNING, "A model could not be closed", failure);
    }
  }
}
