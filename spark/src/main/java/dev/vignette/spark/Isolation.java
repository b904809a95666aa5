package dev.vignette.spark;

import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.TaskContext;

/** When the model of a task is in a process of its own. */
public enum Isolation {
  /** When the task, or its stage, has failed before. */
  RETRY,
  /** Always. */
  ALWAYS,
  /** Never. */
  NEVER;

  /** Whether the model of this task is in a process of its own. */
  boolean isApart(TaskContext task) {
    return switch (this) {
      case RETRY -> task.attemptNumber() > 0 || task.stageAttemptNumber() > 0;
      case ALWAYS -> true;
      case NEVER -> false;
    };
  }

  /**
   * Reads {@code retry}, {@code always} or {@code never}.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static Isolation parse(String text) {
    return Arrays.stream(values())
        .filter(value -> value.toString().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "isolation is retry, always or never, not '%s'".formatted(text)));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
