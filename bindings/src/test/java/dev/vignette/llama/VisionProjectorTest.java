package dev.vignette.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.llama.Batch.EmbeddingBatch;
import dev.vignette.llama.Batch.TokenBatch;
import dev.vignette.llama.VisionProjector.ImageEmbedding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class VisionProjectorTest {

  private static final int BYTES = 3 * NativeTest.IMAGE_SIZE * NativeTest.IMAGE_SIZE;

  private static LlamaModel model;
  private static VisionProjector projector;

  @BeforeAll
  static void load() {
    model = NativeTest.model();
    projector = VisionProjector.load(NativeTest.PROJECTOR, NativeTest.IMAGE_SIZE, model, 2);
  }

  @AfterAll
  static void close() {
    projector.close();
    model.close();
  }

  @Test
  void anImageBecomesARowForEachPatch() {
    ImageEmbedding image = projector.encode(new byte[BYTES]);
    assertThat(image.tokenCount()).isEqualTo(64);
    assertThat(image.width()).isEqualTo(model.embeddingLength());
    for (float value : image.toArray()) {
      assertThat(value).isFinite();
    }
  }

  @Test
  void anEncodedImageIsGoneWhenTheNextIsEncoded() {
    byte[] white = new byte[BYTES];
    Arrays.fill(white, (byte) 255);
    ImageEmbedding black = projector.encode(new byte[BYTES]);
    float[] before = black.toArray();
    try (EmbeddingBatch batch = new EmbeddingBatch(64);
        LlamaContext context = new LlamaContext(model, NativeTest.context())) {
      batch.set(black, 0, 0);
      context.decode(batch);
      assertThat(projector.encode(white).toArray()).isNotEqualTo(before);
      assertThatThrownBy(black::toArray).hasMessageContaining("encoded another image since");
      assertThatThrownBy(() -> context.decode(batch)).hasMessageContaining("another image since");
    }
  }

  @Test
  void imagesEncodedTogetherHaveTheRowsTheyHaveAlone() {
    List<byte[]> images = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      byte[] rgb = new byte[BYTES];
      new Random(i).nextBytes(rgb);
      images.add(rgb);
    }
    List<float[]> alone = images.stream().map(rgb -> projector.encode(rgb).toArray()).toList();
    List<ImageEmbedding> together = projector.encode(images);
    for (int i = 0; i < images.size(); i++) {
      float[] expected = alone.get(i);
      float[] rows = together.get(i).toArray();
      assertThat(rows).hasSameSizeAs(expected);
      double difference = 0;
      double norm = 0;
      for (int j = 0; j < rows.length; j++) {
        difference += Math.pow((double) rows[j] - expected[j], 2);
        norm += Math.pow(expected[j], 2);
      }
      assertThat(Math.sqrt(difference / norm)).as("image " + i).isLessThan(1e-5);
    }
    projector.encode(images.getFirst());
    assertThatThrownBy(together.getLast()::toArray)
        .hasMessageContaining("encoded another image since");
  }

  @Test
  void severalImagesAreReadByOneDecodeAsTheyAreOneByOne() {
    byte[] white = new byte[BYTES];
    Arrays.fill(white, (byte) 255);
    int sequences = 2;
    try (EmbeddingBatch one = new EmbeddingBatch(64);
        EmbeddingBatch both = new EmbeddingBatch(128);
        TokenBatch next = new TokenBatch(2);
        LlamaContext context = new LlamaContext(model, NativeTest.context())) {
      float[][] expected = new float[sequences][model.vocabulary().size()];
      float[] logits = new float[model.vocabulary().size()];
      for (int i = 0; i < sequences; i++) {
        one.set(projector.encode(i == 0 ? new byte[BYTES] : white), 0, i);
        context.decode(one);
        next.clear();
        next.add(5, 64, i, true);
        context.decode(next);
        context.logits(0, expected[i]);
      }
      context.clearMemory();
      both.add(projector.encode(new byte[BYTES]), 0, 0);
      both.add(projector.encode(white), 0, 1);
      context.decode(both);
      next.clear();
      next.add(5, 64, 0, true);
      next.add(5, 64, 1, true);
      context.decode(next);
      for (int i = 0; i < sequences; i++) {
        context.logits(i, logits);
        assertThat(logits).usingComparatorWithPrecision(1e-2f).containsExactly(expected[i]);
      }
    }
  }

  @Test
  void anImageOfAnotherSizeIsRefused() {
    assertThatThrownBy(() -> projector.encode(new byte[BYTES - 3]))
        .hasMessageContaining("112 x 112 pixels");
  }

  @Test
  void aFileThatIsNoProjectorIsAnException() {
    Path file = NativeTest.LANGUAGE_MODEL;
    assertThatThrownBy(() -> VisionProjector.load(file, NativeTest.IMAGE_SIZE, model, 2))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("could not load the vision projector");
  }

  @Test
  void useAfterCloseIsAnException() {
    VisionProjector other =
        VisionProjector.load(NativeTest.PROJECTOR, NativeTest.IMAGE_SIZE, model, 2);
    ImageEmbedding image = other.encode(new byte[BYTES]);
    other.close();
    assertThatThrownBy(() -> other.encode(new byte[BYTES])).hasMessageContaining("is closed");
    assertThatThrownBy(image::toArray).hasMessageContaining("is closed");
  }

  @Test
  void aProjectorKeepsItsModelAlive() {
    LlamaModel own = NativeTest.model();
    try (VisionProjector last =
        VisionProjector.load(NativeTest.PROJECTOR, NativeTest.IMAGE_SIZE, own, 2)) {
      own.close();
      assertThatThrownBy(own::layerCount).hasMessageContaining("is closed");
      assertThat(last.imageSize()).isEqualTo(NativeTest.IMAGE_SIZE);
    }
  }
}
