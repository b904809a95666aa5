package dev.vignette.captions.run;

import dev.vignette.images.RgbImage;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link HashCaptioner} in a process of its own, which dies at the images whose hashes are among
 * its arguments.
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

  private final int capacity;
  private final List<String> command = new ArrayList<>();

  /** Has the process die at the images with the hashes {@code deadly}, or at once at "start". */
  IsolatedHash(int capacity, List<String> deadly) {
    this.capacity = capacity;
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
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

  @Override
  public CaptionWorker<Integer> open(int number) {
    return new IsolatedWorker<>(new ProcessBuilder(command), capacity, PIPE);
  }

  public static void main(String[] arguments) throws IOException {
    List<String> deadly = List.of(arguments);
    if (deadly.contains("start")) {
      Runtime.getRuntime().halt(70);
    }
    HashCaptioner captioner =
        new HashCaptioner(Integer.parseInt(arguments[0]), "greedy")
            .before(hashes -> {
              if (hashes.stream().anyMatch(hash -> deadly.contains("at" + hash))) {
                Runtime.getRuntime().halt(134);
              }
            });
    try (IsolatedModel model = IsolatedModel.begin()) {
      model.serve(captioner, PIPE, System.in, System.out);
    }
  }
}
