package dev.vignette.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.captions.CocoCaptions.Image;
import dev.vignette.eval.CaptionMetric.Sight;
import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.EvalReport.Fingerprint;
import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.metric.CaptionCorpus;
import dev.vignette.eval.metric.CaptionCorpus.WordLines;
import dev.vignette.eval.metric.MetricResult.MeanResult;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import dev.vignette.files.faults.MalformedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
  private static final CaptionTokenizer TOKENIZER = CaptionTokenizer.own();

  private static EvalOptions options(Tokenization tokenization, List<CaptionMetric> metrics) {
    return new EvalOptions(
        metrics,
        TOKENIZER,
        tokenization,
        Optional.empty(),
        Optional.empty(),
        new Bootstrap(1, 200));
  }

  private static EvalOptions text(Tokenization tokenization) {
    return options(tokenization, MetricCatalog.installed().ofWords());
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

  /** What eval-clip provides, without CLIP. */
  private record LooksAtImages(Sight sight) implements CaptionMetric {
    @Override
    public String name() {
      return figures().getFirst().toLowerCase(Locale.ROOT);
    }

    @Override
    public String description() {
      return "by length";
    }

    @Override
    public List<String> figures() {
      return List.of(sight == Sight.IMAGE ? "CLIPScore" : "RefCLIPScore");
    }

    @Override
    public MetricScores score(MetricInput input) {
      ImageTextScorer.Scores scores = input.imageScores();
      assertThat(input.files()).hasSameSizeAs(input.images());
      return MetricScores.of(
          List.of(
              new MeanResult(
                  figures().getFirst(), sight == Sight.IMAGE ? scores.clip() : scores.refClip())));
    }
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
    List<CaptionMetric> all = new ArrayList<>();
    all.add(new LooksAtImages(Sight.IMAGE_AND_REFERENCES));
    all.add(new LooksAtImages(Sight.IMAGE));
    all.addAll(MetricCatalog.installed().ofWords());
    EvalReport report =
        Evaluation.of(
            inputs(THREE),
            options(Tokenization.COMPAT, all),
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
    EvalOptions clip = options(Tokenization.COMPAT, List.of(new LooksAtImages(Sight.IMAGE)));
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
    List<CaptionMetric> all = new ArrayList<>(MetricCatalog.installed().ofWords());
    all.add(new LooksAtImages(Sight.IMAGE));
    EvalOptions metrics = options(Tokenization.COMPAT, all);
    Evaluation kept =
        new Evaluation(metrics, scorer(Map.of()), new ImageFolder(Path.of("."), files()), false);
    List<ScoredImage> others =
        THREE.stream()
            .map(image ->
                image(
                    image.place(),
                    "Zebras meal a man K. " + image.key() + " in the snow.",
                    image.image().captions().toArray(String[]::new)))
            .toList();
    for (List<ScoredImage> images : List.of(THREE, others, THREE.subList(1, 3), THREE)) {
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
    CaptionTokens.Tokenized strict = known.tokens(references, Tokenization.STRICT);
    CaptionTokens.Tokenized compat = known.tokens(references, Tokenization.COMPAT);
    assertThat(known.tokens(List.copyOf(references), Tokenization.STRICT)).isSameAs(strict);
    assertThat(known.tokens(List.copyOf(references), Tokenization.COMPAT)).isSameAs(compat);
    assertThat(words(known.tokens(references.subList(0, 1), Tokenization.STRICT)))
        .containsExactly(List.of("a", "man", "reads"));
    assertThat(words(known.tokens(references, Tokenization.STRICT))).isEqualTo(words(strict));
  }

  private static List<List<String>> words(CaptionTokens.Tokenized references) {
    WordLines none = new WordLines();
    none.add("");
    int[] count = {references.lines().size()};
    return new CaptionCorpus(none, new int[1], references.lines(), count).references(0);
  }
}
