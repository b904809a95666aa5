package dev.vignette.captions.run;

import dev.vignette.captions.isolated.IsolatedModel;
import dev.vignette.captions.isolated.IsolatedWorker;
import dev.vignette.captions.isolated.IsolatedWorker.PreparedImagePipe;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.images.RgbImage;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@link HashCaptioner} in a process of its own, which dies at the images whose hashes are among
 * its arguments; each start leaves a file in the folder that its environment names.
 */
final class IsolatedHash implements CaptionWorkers<Integer> {
  /** Hashes as they are. */
  static final PreparedImagePipe<Integer> PIPE =
      new PreparedImagePipe<>() {
        @Override
        public void write(Integer prepared, DataOutputStream out) throws IOException {
          out.writeInt(prepared);
        }

        @Override
        public Integer read(DataInputStream in) throws IOException {
          return in.readInt();
        }
      };

  private static final String STARTS = "ISOLATED_HASH_STARTS";

  /** Set to its number, from 0, in each process. */
  private static final String NUMBER = "ISOLATED_HASH_NUMBER";

  private final int capacity;
  private final List<String> command = new ArrayList<>();
  private @Nullable Path starts;
  private int processes = 1;

  /**
   * Has the process die at the images with the hashes {@code deadly} after "at" or, by a signal of
   * native code, after "crash"; or at once at "start" and its number.
   */
  IsolatedHash(int capacity, List<String> deadly) {
    this.capacity = capacity;
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-XX:ErrorFile=/dev/null", "-XX:-CreateCoredumpOnCrash", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(IsolatedHash.class.getName());
    command.add(Integer.toString(capacity));
    command.addAll(deadly);
  }

  @Override
  public Integer prepare(RgbImage image) {
    return new HashCaptioner().prepare(image);
  }

  @Override
  public ModelFingerprint fingerprint(String setting) {
    return new HashCaptioner().fingerprint(setting);
  }

  /** Leaves a file in {@code folder} at each start of the process. */
  IsolatedHash noting(Path folder) {
    starts = folder;
    return this;
  }

  /** Has so many processes, of which all but the first open at once. */
  IsolatedHash inProcesses(int count) {
    processes = count;
    return this;
  }

  @Override
  public int count() {
    return processes;
  }

  @Override
  public CaptionWorker<Integer> open(int number) {
    ProcessBuilder process = new ProcessBuilder(command);
    process.environment().put(NUMBER, Integer.toString(number));
    if (starts != null) {
      process.environment().put(STARTS, starts.toString());
    }
    IsolatedWorker<Integer> worker = new IsolatedWorker<>(process, capacity, PIPE);
    return number == 0 ? worker : worker.opened();
  }

  public static void main(String[] arguments) throws IOException {
    List<String> deadly = List.of(arguments);
    String starts = System.getenv(STARTS);
    if (starts != null) {
      Files.createTempFile(Path.of(starts), "start", "");
    }
    if (deadly.contains("start" + System.getenv(NUMBER))) {
      Runtime.getRuntime().halt(70);
    }
    HashCaptioner captioner =
        new HashCaptioner(Integer.parseInt(arguments[0]), "greedy")
            .before(hashes -> {
              if (hashes.stream().anyMatch(hash -> deadly.contains("at" + hash))) {
                Runtime.getRuntime().halt(134);
              }
              if (hashes.stream().anyMatch(hash -> deadly.contains("crash" + hash))) {
                crash();
              }
            });
    try (IsolatedModel model = IsolatedModel.begin()) {
      model.serve(captioner, PIPE, System.in);
    }
  }

  /** Ends this process as native code does that reads where it may not: Java says so at length. */
  private static void crash() {
    try {
      String own = Long.toString(ProcessHandle.current().pid());
      new ProcessBuilder("kill", "-SEGV", own).start().waitFor();
      Thread.sleep(60_000);
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
