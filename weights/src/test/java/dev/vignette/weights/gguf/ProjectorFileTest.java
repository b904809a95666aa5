package dev.vignette.weights.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.ProjectorFile.ProjectorInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProjectorFileTest {

  @TempDir private Path folder;

  record Wrong(String kind, UnaryOperator<GgufFixture> change, String problem, String remedy) {
    @Override
    public String toString() {
      return kind;
    }
  }

  private static Wrong damaged(String kind, UnaryOperator<GgufFixture> change, String problem) {
    return new Wrong(kind, change, problem, "download it again or convert it anew");
  }

  private static Wrong other(String kind, UnaryOperator<GgufFixture> change, String problem) {
    return new Wrong(kind, change, problem, "Give the projector of a LLaVA-1.5");
  }

  private static Stream<Wrong> otherKinds() {
    return Stream.of(
        new Wrong(
            "a language model",
            w -> SampleFiles.languageModel(),
            "is not a projector (mmproj): its architecture is 'llama'",
            "It is a language model: give it as that"),
        other(
            "a text encoder",
            w -> w.text("general.architecture", "bert"),
            "its architecture is 'bert', but a projector's is 'clip'"),
        other(
            "an audio encoder",
            w -> w.without("clip.has_vision_encoder").flag("clip.has_audio_encoder", true),
            "holds an audio encoder and no vision encoder"),
        other(
            "a text tower",
            w -> w.flag("clip.has_vision_encoder", false),
            "holds no vision encoder ('clip.has_vision_encoder')"),
        new Wrong(
            "a part of a split file",
            w -> w.uint16("split.count", 2).uint16("split.no", 0),
            "is a part of a split file",
            "llama-gguf-split"),
        new Wrong(
            "a file that does not say which projector it holds",
            w -> w.without("clip.projector_type"),
            "lacks the metadata key 'clip.projector_type', without which llama.cpp v0.5.0",
            "Get a newer file"),
        other(
            "another model's projector",
            w -> w.text("clip.projector_type", "qwen2vl_merger"),
            "has a projector of type 'qwen2vl_merger'; only LLaVA-1.5's, 'mlp'"),
        other(
            "another model's projector among several towers",
            w -> w.without("clip.projector_type").text("clip.vision.projector_type", "gemma4v"),
            "has a projector of type 'gemma4v'"),
        other(
            "Yi-VL's projector",
            w -> w.tensor("mm.3.weight", GgufFixture.Storage.F16, 32, 64),
            "has a projector with layer norms (Yi-VL)"),
        other(
            "LLaVA-1.6's projector",
            w -> w.int32s("clip.vision.image_grid_pinpoints", 336, 672),
            "cuts images into tiles (LLaVA-1.6)"));
  }

  private static Stream<Wrong> brokenMetadata() {
    return Stream.of(
        damaged(
            "a number for a flag",
            w -> w.uint32("clip.has_vision_encoder", 1),
            "'clip.has_vision_encoder' with the wrong type: it must be bool, but is uint32"),
        damaged(
            "a number for a flag nobody asks for",
            w -> w.uint32("clip.use_silu", 1),
            "it must be bool, but is uint32"),
        damaged(
            "a number for a description",
            w -> w.uint32("general.description", 1),
            "it must be string, but is uint32"),
        damaged(
            "a wide number for a narrow one",
            w -> w.value("clip.vision.projection_dim", 10, new GgufFixture.Bytes().int64(768)),
            "it must be uint32, but is uint64"),
        damaged(
            "no image size",
            w -> w.without("clip.vision.image_size"),
            "lacks the metadata key 'clip.vision.image_size'"),
        damaged(
            "an image smaller than a patch",
            w -> w.uint32("clip.vision.image_size", 13),
            "sets 'clip.vision.image_size' to 13, but it must lie between 14 and 8,192"),
        damaged(
            "patches of nothing",
            w -> w.uint32("clip.vision.patch_size", 0),
            "sets 'clip.vision.patch_size' to 0"),
        damaged(
            "no heads",
            w -> w.uint32("clip.vision.attention.head_count", 0),
            "sets 'clip.vision.attention.head_count' to 0"),
        damaged(
            "heads that do not divide the width",
            w -> w.uint32("clip.vision.attention.head_count", 3),
            "divides a tower of width 8 among 3 heads"),
        damaged(
            "heads of another width",
            w -> w.uint32("clip.vision.attention.head_dim", 3),
            "has heads of width 3 in a tower of width 8 with 2 heads"),
        damaged(
            "two means",
            w -> w.float32s("clip.vision.image_mean", 0, 0),
            "sets 'clip.vision.image_mean' to [0.0, 0.0]; it must be three finite numbers"),
        damaged(
            "a deviation of zero",
            w -> w.float32s("clip.vision.image_std", 1, 0, 1),
            "must be three finite numbers other than 0"),
        damaged(
            "means that are whole",
            w -> w.int32s("clip.vision.image_mean", 0, 0, 0),
            "must be short array of float32, but is array of 3 int32"),
        damaged(
            "both activations",
            w -> w.flag("clip.use_gelu", true).flag("clip.use_silu", true),
            "sets both 'clip.use_gelu' and 'clip.use_silu'"),
        damaged(
            "an epsilon that is no number",
            w -> w.float32("clip.vision.attention.layer_norm_epsilon", Float.NaN),
            "lacks a finite 'clip.vision.attention.layer_norm_epsilon'"),
        damaged(
            "a feature layer beyond the tower",
            w -> w.int32s("clip.vision.feature_layer", 2),
            "takes features from layer 2 of a tower of 1 blocks"),
        damaged(
            "a negative feature layer",
            w -> w.int32s("clip.vision.feature_layer", -2),
            "takes features from layer -2"));
  }

  private static Stream<Wrong> brokenTensors() {
    return Stream.of(
        damaged(
            "a single matrix",
            w -> w.withoutTensor("mm.2.weight"),
            "lacks the tensor 'mm.2.weight'"),
        damaged("no bias", w -> w.withoutTensor("mm.0.bias"), "lacks the tensor 'mm.0.bias'"),
        damaged(
            "no position embeddings",
            w -> w.withoutTensor("v.position_embd.weight"),
            "lacks the tensor 'v.position_embd.weight'"),
        damaged(
            "too few positions",
            w -> w.tensor("v.position_embd.weight", GgufFixture.Storage.F32, 8, 4),
            "with shape [8, 4] of F32; 5 positions are needed"),
        damaged(
            "too many positions",
            w -> w.tensor("v.position_embd.weight", GgufFixture.Storage.F32, 8, 6),
            "with shape [8, 6] of F32; 5 positions are needed"),
        damaged(
            "patches of another size",
            w -> w.uint32("clip.vision.patch_size", 7),
            "'v.patch_embd.weight' with shape [14, 14, 3, 8] of F16; [7, 7, 3, 8] is needed"),
        damaged(
            "a quantized patch embedding",
            w -> w.tensor("v.patch_embd.weight", GgufFixture.Storage.I32, 14, 14, 3, 8),
            "of I32; that type cannot be used for it"),
        damaged(
            "fewer blocks than it says",
            w -> w.uint32("clip.vision.block_count", 2),
            "lacks the tensor 'v.blk.1.attn_q.weight'"),
        damaged(
            "a bias in half precision",
            w -> w.tensor("v.blk.0.attn_q.bias", GgufFixture.Storage.F16, 8),
            "'v.blk.0.attn_q.bias' with shape [8] of F16; that type cannot be used"),
        damaged(
            "weights that are whole numbers",
            w -> w.tensor("mm.0.weight", GgufFixture.Storage.I32, 8, 32),
            "'mm.0.weight' with shape [8, 32] of I32; that type cannot be used"),
        damaged(
            "attention of another width",
            w -> w.tensor("v.blk.0.attn_k.weight", GgufFixture.Storage.F16, 8, 4),
            "with shape [8, 4] of F16; [8, 8] is needed"),
        damaged(
            "a projector for another tower",
            w -> w.tensor("mm.0.weight", GgufFixture.Storage.F16, 16, 32),
            "'mm.0.weight' with shape [16, 32] of F16; [8, 32] is needed"),
        damaged(
            "matrices that do not follow each other",
            w -> w.tensor("mm.2.weight", GgufFixture.Storage.F16, 16, 64),
            "'mm.2.weight' with shape [16, 64] of F16; [32, 64] is needed"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"otherKinds", "brokenMetadata", "brokenTensors"})
  void isRefusedWithASentence(Wrong wrong) {
    Path path = wrong.change().apply(SampleFiles.projector()).write(folder.resolve("wrong.gguf"));

    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> ProjectorFile.check(path))
        .withMessageStartingWith(path + " ")
        .withMessageContaining(wrong.problem())
        .withMessageContaining(wrong.remedy());
  }

  private ProjectorInfo check(GgufFixture writer) {
    return ProjectorFile.check(writer.write(folder.resolve("mmproj.gguf")));
  }

  @Test
  void aProjectorIsDescribed() {
    ProjectorInfo info = check(SampleFiles.projector());

    assertThat(info)
        .isEqualTo(
            new ProjectorInfo(
                folder.resolve("mmproj.gguf"),
                "mlp",
                "mmproj.gguf",
                28,
                14,
                List.of(0.5f, 0.25f, 0.125f),
                List.of(0.25f, 0.5f, 1f),
                List.of(),
                true,
                Optional.empty(),
                8,
                1,
                64,
                "F16",
                SampleFiles.projector().bytes().length));
    assertThat(info.imageTokens()).isEqualTo(4);
    assertThat(info.namesFeatureLayers()).isFalse();
  }

  @Test
  void aTowerWithoutAClassEmbeddingAndItsResamplingAreSaid() {
    ProjectorInfo info =
        check(
            SampleFiles.projector()
                .withoutTensor("v.class_embd")
                .tensor("v.position_embd.weight", GgufFixture.Storage.F32, 8, 4)
                .text("vignette.image.resampling", "lanczos"));

    assertThat(info.hasClassEmbedding()).isFalse();
    assertThat(info.resampling()).contains("lanczos");
    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> check(SampleFiles.projector().text("vignette.image.resampling", "box")))
        .withMessageContaining("'box'; bilinear, bicubic and lanczos are known");
  }

  @Test
  void theWidthIsThatOfTheLastMatrixWhateverProjectionDimSays() {
    GgufFixture writer =
        SampleFiles.projector()
            .uint32("clip.vision.projection_dim", 64)
            .tensor("mm.2.weight", GgufFixture.Storage.Q8_0, 32, 96)
            .tensor("mm.2.bias", GgufFixture.Storage.F32, 96);

    assertThat(check(writer).embeddingLength()).isEqualTo(96);
  }

  @Test
  void aProjectorOf2023IsAnMlpByItsFlag() {
    GgufFixture writer =
        SampleFiles.projector()
            .without("clip.projector_type")
            .flag("clip.has_llava_projector", true);

    assertThat(check(writer).projectorType()).isEqualTo("mlp");
  }

  @Test
  void aProjectorThatNamesItsFeatureLayersIsTaken() {
    ProjectorInfo info = check(SampleFiles.projector().int32s("clip.vision.feature_layer", 1));

    assertThat(info.featureLayers()).containsExactly(1);
    assertThat(info.namesFeatureLayers()).isTrue();
  }

  @Test
  void severalFeatureLayersWidenTheFirstMatrix() {
    GgufFixture writer =
        SampleFiles.projector()
            .int32s("clip.vision.feature_layer", 0, 1)
            .tensor("mm.0.weight", GgufFixture.Storage.F16, 16, 32);

    assertThat(check(writer).featureLayers()).containsExactly(0, 1);
  }

  @Test
  void aTowerWithFeedForwardNamesExchangedByAnOlderConverterIsTaken() {
    GgufFixture writer =
        SampleFiles.projector()
            .tensor("v.blk.0.ffn_up.weight", GgufFixture.Storage.F16, 16, 8)
            .tensor("v.blk.0.ffn_up.bias", GgufFixture.Storage.F32, 8)
            .tensor("v.blk.0.ffn_down.weight", GgufFixture.Storage.F16, 8, 16)
            .tensor("v.blk.0.ffn_down.bias", GgufFixture.Storage.F32, 16);

    assertThat(check(writer).blockCount()).isEqualTo(1);
  }

  @Test
  void aTowerWithoutClassEmbeddingIsTaken() {
    GgufFixture writer =
        SampleFiles.projector()
            .withoutTensor("v.class_embd")
            .tensor("v.position_embd.weight", GgufFixture.Storage.F32, 8, 4)
            .flag("clip.use_gelu", true)
            .tensor("v.post_ln.weight", GgufFixture.Storage.F32, 8);

    assertThat(check(writer).imageTokens()).isEqualTo(4);
  }
}
