package dev.vignette.weights.gguf;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.weights.faults.InvalidModelFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real headers with one byte changed, or cut off: taken or refused, but never anything else. */
class MutatedHeaderTest {

  private static final int MUTATIONS = 2000;
  private static final long SEED = 20_260_101;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"mini-llava-Q8_0.gguf", "mini-llava-mmproj-f16.gguf"})
  void aMutatedHeaderIsTakenOrRefused(String name) throws IOException {
    Path original =
        Path.of(requireNonNull(System.getProperty("vignette.root")), "models/mini", name);
    Path path = folder.resolve(name);
    Files.copy(original, path);
    GgufFile file = GgufFile.read(path);
    Consumer<Path> check =
        file.architecture().equals("clip") ? ProjectorFile::check : LanguageModelFile::check;
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    int refused = 0;
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      for (int i = 0; i < MUTATIONS; i++) {
        long position = random.nextLong(file.dataOffset());
        boolean survived =
            i % 10 == 0
                ? survivesCut(channel, position, () -> check.accept(path))
                : survivesChange(
                    channel, position, (byte) random.nextInt(), () -> check.accept(path));
        refused += survived ? 0 : 1;
      }
    }
    assertThat(refused).isBetween(MUTATIONS / 4, MUTATIONS - 1);
    check.accept(path);
  }

  private static boolean survives(Runnable check) {
    try {
      check.run();
      return true;
    } catch (InvalidModelFileException refusal) {
      assertThat(refusal).hasMessageMatching("(?s).+\\. .+\\.");
      return false;
    }
  }

  private static boolean survivesChange(
      FileChannel channel, long position, byte value, Runnable check) throws IOException {
    ByteBuffer old = ByteBuffer.allocate(1);
    channel.read(old, position);
    channel.write(ByteBuffer.wrap(new byte[] {value}), position);
    boolean survived = survives(check);
    channel.write(old.flip(), position);
    return survived;
  }

  private static boolean survivesCut(FileChannel channel, long position, Runnable check)
      throws IOException {
    ByteBuffer rest = ByteBuffer.allocate((int) (channel.size() - position));
    channel.read(rest, position);
    channel.truncate(position);
    boolean survived = survives(check);
    channel.write(rest.flip(), position);
    return survived;
  }
}
