package dev.vignette.spark;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * Where a model computes for the tasks of an executor.
 *
 * @param device as the command line writes it: {@code cpu}, {@code cuda:N}, {@code auto}
 * @param processors of the executor, 1 or more
 */
record ComputePlace(String device, int processors) implements Serializable {
  private static final String GPU = "gpu";

  /**
   * The places of the task that runs on this thread: a card each that Spark has given it ({@code
   * spark.task.resource.gpu.amount}), else the device that the user named.
   *
   * @throws IllegalArgumentException if Spark names a card by no number
   */
  static List<ComputePlace> ofTask(TaskContext task, String device) {
    int processors = ofExecutor();
    ResourceInformation cards = task.resourcesJMap().get(GPU);
    if (cards == null || cards.addresses().length == 0 || device.equals("cpu")) {
      return List.of(new ComputePlace(device, processors));
    }
    return Stream.of(cards.addresses())
        .map(ComputePlace::cardNumber)
        .sorted(Comparator.naturalOrder())
        .map(number -> new ComputePlace("cuda:" + number, processors))
        .toList();
  }

  private static Integer cardNumber(String address) {
    try {
      return Integer.valueOf(address.strip());
    } catch (NumberFormatException failure) {
      throw new IllegalArgumentException(
          "the address of a GPU is its number, such as 0, not '%s'; mend the discovery script (spark.executor.resource.gpu.discoveryScript)"
              .formatted(address),
          failure);
    }
  }

  /** What the executor may use; the machine's where Spark was not told. */
  private static int ofExecutor() {
    int all = Runtime.getRuntime().availableProcessors();
    SparkConf conf = SparkEnv.get().conf();
    return Math.clamp(conf.getInt("spark.executor.cores", all), 1, all);
  }
}
