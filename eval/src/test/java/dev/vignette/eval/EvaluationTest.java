package dev.vignette.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.captions.CocoCaptions.Image;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import dev.vignette.eval.tokenize.TokenizedCaptions;
import dev.vignette.files.MalformedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
  private static final CaptionTokenizer TOKENIZER = CaptionTokenizer.own();

  private static EvalOptions options(Tokenization tokenization, Set<MetricKind> metrics) {
    return new EvalOptions(
        metrics,
        TOKENIZER,
        tokenization,
        Optional.empty(),
        Optional.empty(),
        new Bootstrap(1, 200));
  }

  private static EvalOptions text(Tokenization tokenization) {
    return options(tokenization, EnumSet.of(MetricKind.CIDER, MetricKind.BLEU, MetricKind.ROUGE));
  }

  private static EvalInputs inputs(List<ScoredImage> images) {
    return new EvalInputs(images, List.of(), new Fingerprint(new LinkedHashMap<>()));
  }

  private static ScoredImage image(int number, String caption, String... references) {
    return new ScoredImage(
        new Image(number, "image" + number + ".jpg", List.of(references)),
        "image" + number,
        number,
        caption);
  }

  private static final List<ScoredImage> THREE =
      List.of(
          image(0, "A man reads K.", "A man reads.", "Plan K. and a man"),
          image(1, "The dogs in the snow.", "Two dogs play in the snow.", "Dogs in snow."),
          image(2, "A plate of food.", "A plate of food on a table.", "A meal."));

  private static ImageTextScorer scorer(Map<Integer, String> unreadable) {
    return new ImageTextScorer() {
      @Override
      public Scores score(List<Item> items, boolean withReferences) {
        double[] clip = items.stream().mapToDouble(item -> item.candidate().length()).toArray();
        double[] references =
            items.stream().mapToDouble(item -> item.references().size()).toArray();
        return new Scores(
            clip,
            withReferences ? references : new double[0],
            unreadable,
            List.of("One caption was truncated."));
      }

      @Override
      public Map<String, String> fingerprint() {
        return Map.of("model", "by length");
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void theOtherTokenizationIsGivenWhereItsFigureDiffers() {
    EvalReport compat = Evaluation.of(inputs(THREE), text(Tokenization.COMPAT));
    EvalReport strict = Evaluation.of(inputs(THREE), text(Tokenization.STRICT));
    MetricFigure cider = compat.figure("CIDEr").orElseThrow();
    MetricFigure alone = strict.figure("CIDEr").orElseThrow();
    assertThat(cider.corpus()).isNotEqualTo(alone.corpus());
    assertThat(cider.otherwise()).hasValue(alone.corpus());
    assertThat(alone.otherwise()).hasValue(cider.corpus());

    EvalReport same = Evaluation.of(inputs(THREE.subList(1, 3)), text(Tokenization.COMPAT));
    assertThat(same.figures()).allMatch(figure -> figure.otherwise().isEmpty());
  }

  @Test
  void theOrderOfImagesChangesNothingInStrictMode() {
    List<ScoredImage> images = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 40; i++) {
      ScoredImage one = THREE.get(random.nextInt(3));
      images.add(
          image(
              i,
              THREE.get(random.nextInt(3)).caption() + (i % 7 == 0 ? "\rand more" : ""),
              one.image().captions().toArray(String[]::new)));
    }
    EvalReport before = Evaluation.of(inputs(images), text(Tokenization.STRICT));
    Collections.shuffle(images, random);
    EvalReport after = Evaluation.of(inputs(images), text(Tokenization.STRICT));
    for (MetricFigure figure : before.figures()) {
      MetricFigure shuffled = after.figure(figure.name()).orElseThrow();
      assertThat(shuffled.corpus()).isCloseTo(figure.corpus(), within(1e-12));
      Map<String, Double> scores = new HashMap<>();
      for (int i = 0; i < 40; i++) {
        scores.put(before.images().get(i).image().id(), figure.result().image(i));
      }
      for (int i = 0; i < 40; i++) {
        assertThat(shuffled.result().image(i))
            .isEqualTo(scores.get(after.images().get(i).image().id()));
      }
    }
  }

  @Test
  void misplacedAndDroppedCaptionsAreNamedInCompatModeOnly() {
    List<ScoredImage> images = new ArrayList<>(THREE);
    images.set(0, image(0, "A man\rreads", "A man reads."));
    assertThat(Evaluation.of(inputs(images), text(Tokenization.COMPAT)).notes())
        .containsExactly(
            "Captions with an odd line break, after which the reference shifts all others (1): image0.",
            "Captions that get the words of another (2): image1, image2.",
            "Captions that the reference drops (1): image2.");
    assertThat(Evaluation.of(inputs(images), text(Tokenization.STRICT)).notes()).isEmpty();
  }

  @Test
  void ciderOfOneImageIsZeroAndSaysWhy() {
    EvalReport report = Evaluation.of(inputs(THREE.subList(2, 3)), text(Tokenization.COMPAT));
    assertThat(report.figure("CIDEr").orElseThrow().corpus()).isZero();
    assertThat(report.notes()).singleElement().asString().startsWith("CIDEr is 0 because");
  }

  @Test
  void aScorerOfImagesJoinsTheOtherMetrics(@TempDir Path folder) throws IOException {
    for (ScoredImage image : THREE) {
      Files.createFile(folder.resolve(image.image().fileName()));
    }
    EvalReport report =
        Evaluation.of(
            inputs(THREE),
            options(Tokenization.COMPAT, EnumSet.allOf(MetricKind.class)),
            scorer(Map.of()),
            new ImageFolder(folder),
            false);
    assertThat(report.figures())
        .extracting(MetricFigure::name)
        .containsExactly(
            "CIDEr",
            "BLEU-1",
            "BLEU-2",
            "BLEU-3",
            "BLEU-4",
            "ROUGE-L",
            "CLIPScore",
            "RefCLIPScore");
    assertThat(report.figure("CLIPScore").orElseThrow().corpus())
        .isCloseTo((14 + 21 + 16) / 3.0, within(1e-12));
    assertThat(report.figure("RefCLIPScore").orElseThrow().corpus()).isEqualTo(2);
    assertThat(report.notes()).contains("One caption was truncated.");
    assertThat(report.fingerprint().facts()).containsEntry("model", "by length");
  }

  @Test
  void unreadableImagesStopTheRunUnlessTheyMayBeMissing(@TempDir Path folder) throws IOException {
    Files.createFile(folder.resolve("image0.jpg"));
    Files.createFile(folder.resolve("image1.jpg"));
    EvalOptions clip = options(Tokenization.COMPAT, EnumSet.of(MetricKind.CLIPSCORE));
    ImageFolder images = new ImageFolder(folder);
    assertThatThrownBy(() -> Evaluation.of(inputs(THREE), clip, scorer(Map.of()), images, false))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("(1): image2.jpg (not there)")
        .hasMessageContaining("--allow-missing");
    EvalReport report =
        Evaluation.of(inputs(THREE), clip, scorer(Map.of(0, "broken")), images, true);
    assertThat(report.images()).singleElement().extracting(ScoredImage::key).isEqualTo("image1");
    assertThat(report.figure("CLIPScore").orElseThrow().corpus()).isEqualTo(21);
    assertThat(report.notes())
        .last()
        .asString()
        .contains("images that cannot be read (2)", "image2.jpg", "broken");
  }

  @Test
  void resultsAreTheFiguresOfTheReportEachTimeAnEvaluationIsAsked() {
    EvalOptions metrics =
        options(
            Tokenization.COMPAT,
            EnumSet.of(MetricKind.CIDER, MetricKind.BLEU, MetricKind.ROUGE, MetricKind.CLIPSCORE));
    Evaluation kept =
        new Evaluation(metrics, scorer(Map.of()), new ImageFolder(Path.of("."), files()), false);
    for (List<ScoredImage> images : List.of(THREE, THREE.subList(1, 3), THREE)) {
      EvalReport report =
          Evaluation.of(
              inputs(images),
              metrics,
              scorer(Map.of()),
              new ImageFolder(Path.of("."), files()),
              false);
      assertThat(kept.results(inputs(images)))
          .usingRecursiveComparison()
          .isEqualTo(report.figures().stream().map(MetricFigure::result).toList());
      assertThat(kept.report(inputs(images))).usingRecursiveComparison().isEqualTo(report);
    }
  }

  private static Map<String, Path> files() {
    return Map.of("image0", Path.of("0"), "image1", Path.of("1"), "image2", Path.of("2"));
  }

  @Test
  void referencesThatWereTokenizedAreNotTokenizedAgain() {
    KnownReferences known = new KnownReferences(TOKENIZER);
    List<String> references = List.of("A man reads.", "Plan K. and a man");
    TokenizedCaptions strict = known.tokens(references, Tokenization.STRICT);
    TokenizedCaptions compat = known.tokens(references, Tokenization.COMPAT);
    assertThat(known.tokens(List.copyOf(references), Tokenization.STRICT)).isSameAs(strict);
    assertThat(known.tokens(List.copyOf(references), Tokenization.COMPAT)).isSameAs(compat);
    assertThat(known.tokens(references.subList(0, 1), Tokenization.STRICT).lines())
        .containsExactly("a man reads");
    assertThat(known.tokens(references, Tokenization.STRICT).lines()).isEqualTo(strict.lines());
  }
}
