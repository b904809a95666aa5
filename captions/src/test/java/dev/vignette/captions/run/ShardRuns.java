package dev.vignette.captions.run;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.shards.ShardMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/** What tests of runs over WebDataset shards have in common. */
abstract class ShardRuns {
  @TempDir Path folder;

  final HashCaptioner captioner = new HashCaptioner();

  byte[] picture(long seed) throws IOException {
    return Files.readAllBytes(Pictures.write(folder.resolve("picture"), seed));
  }

  /** A shard of pictures {@code first}, {@code first + 1}..., each with a text. */
  ShardMaker shard(int first, int count) throws IOException {
    ShardMaker shard = new ShardMaker();
    for (int i = first; i < first + count; i++) {
      shard.add("%05d.png".formatted(i), picture(i)).add("%05d.txt".formatted(i), "text " + i);
    }
    return shard;
  }

  Path settled(String name, byte[] bytes) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    return Files.setLastModifiedTime(
        ShardMaker.write(folder.resolve(name), bytes), FileTime.from(Pictures.SETTLED));
  }

  ImageInputs find(KeyMode keys, String... arguments) {
    return ImageInputs.find(
        Arrays.stream(arguments).map(argument -> folder + "/" + argument).toList(),
        List.of(),
        keys);
  }

  static List<String> keys(ImageInputs inputs) {
    return inputs.images().stream().map(ImageInput::key).toList();
  }

  /** The captions of the same pictures as files. */
  Map<String, String> ofFiles(int first, int count) throws IOException {
    Path files = Files.createDirectories(folder.resolve("files"));
    for (int i = first; i < first + count; i++) {
      Pictures.write(files.resolve("%05d.png".formatted(i)), i);
    }
    RunOutput.Saved to = Runs.output(folder.resolve("files.json"));
    Runs.run(captioner, Runs.folder(files), to);
    return new TreeMap<>(Predictions.read(folder.resolve("files.json")).captions());
  }

  Map<String, String> captions() {
    return new TreeMap<>(Predictions.read(folder.resolve("out.json")).captions());
  }

  RunResult run(ImageInputs inputs) {
    return Runs.run(captioner, inputs, Runs.output(folder.resolve("out.json")));
  }
}
