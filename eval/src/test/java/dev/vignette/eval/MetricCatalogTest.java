package dev.vignette.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.CocoCaptions.Image;
import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.EvalReport.Fingerprint;
import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.metric.CaptionCorpus;
import dev.vignette.eval.metric.MetricResult.MeanResult;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricCatalogTest {
  private static final List<ScoredImage> IMAGES =
      List.of(
          image(0, "The dogs, the dogs.", "Two dogs play in the snow.", "Dogs in snow."),
          image(1, "A plate of food.", "A plate of food on a table."));

  private final ClassLoader before = Thread.currentThread().getContextClassLoader();

  @TempDir private Path folder;

  @AfterEach
  void takeTheClassPathBack() {
    Thread.currentThread().setContextClassLoader(before);
  }

  /** A metric of somebody else: the share of a caption's words that are different ones. */
  public static class Variety implements CaptionMetric {
    @Override
    public String name() {
      return "variety";
    }

    @Override
    public String description() {
      return "share of different words";
    }

    @Override
    public List<String> figures() {
      return List.of("Variety", "References");
    }

    @Override
    public MetricScores score(MetricInput input) {
      CaptionCorpus corpus = input.corpus();
      double[] shares =
          IntStream.range(0, corpus.size())
              .mapToObj(corpus::candidate)
              .mapToDouble(words -> new HashSet<>(words).size() / (double) words.size())
              .toArray();
      double[] references =
          IntStream.range(0, corpus.size()).mapToDouble(i -> corpus.references(i).size()).toArray();
      return MetricScores.of(
          List.of(new MeanResult("Variety", shares), new MeanResult("References", references)));
    }
  }

  /** Takes a name that is taken. */
  public static class OtherCider extends Variety {
    @Override
    public String name() {
      return "cider";
    }
  }

  /** Has its name in capitals. */
  public static class Loud extends Variety {
    @Override
    public String name() {
      return "VARIETY";
    }
  }

  /** Has a figure that CIDEr has. */
  public static class SameFigure extends Variety {
    @Override
    public List<String> figures() {
      return List.of("cider", "References");
    }
  }

  /** Says that it gives another figure than it does. */
  private static final class OtherFigure extends Variety {
    @Override
    public List<String> figures() {
      return List.of("Variety", "Length");
    }
  }

  /** Forgets an image. */
  private static final class TooFew extends Variety {
    @Override
    public List<String> figures() {
      return List.of("Variety");
    }

    @Override
    public MetricScores score(MetricInput input) {
      return MetricScores.of(List.of(new MeanResult("Variety", new double[] {1})));
    }
  }

  private static ScoredImage image(int number, String caption, String... references) {
    String stem = "image" + number;
    return new ScoredImage(
        new Image(number, stem + ".jpg", List.of(references)), stem, number, caption);
  }

  private static EvalReport report(List<CaptionMetric> metrics) {
    return Evaluation.of(
        new EvalInputs(IMAGES, List.of(), new Fingerprint(new LinkedHashMap<>())),
        new EvalOptions(
            metrics,
            CaptionTokenizer.own(),
            Tokenization.COMPAT,
            Optional.empty(),
            Optional.empty(),
            new Bootstrap(1, 100)));
  }

  private void install(Class<? extends CaptionMetric> metric) throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(CaptionMetric.class.getName()), metric.getName());
    URL[] path = {folder.toUri().toURL()};
    Thread.currentThread().setContextClassLoader(new URLClassLoader(path, before));
  }

  @Test
  void theMetricsOfWordsAreThereInTheirOrder() {
    assertThat(MetricCatalog.installed().ofWords())
        .flatExtracting(CaptionMetric::figures)
        .containsExactly("CIDEr", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L");
  }

  @Test
  void aMetricOnTheClassPathIsListedAndScores() throws IOException {
    install(Variety.class);
    MetricCatalog catalog = MetricCatalog.installed();
    assertThat(catalog.text())
        .containsPattern("variety +share of different words \\(Variety, References\\)");
    EvalReport report = report(catalog.named(List.of("variety", "CIDER")));
    assertThat(report.figures())
        .extracting(MetricFigure::name)
        .containsExactlyInAnyOrder("CIDEr", "Variety", "References");
    // "the dogs the dogs": two of four; "a plate of food": all.
    assertThat(report.figure("Variety").orElseThrow().corpus()).isEqualTo(0.75);
    assertThat(report.figure("References").orElseThrow().corpus()).isEqualTo(1.5);
  }

  @Test
  void aFigureCanBeAskedForByItsOwnName() {
    MetricCatalog catalog = MetricCatalog.installed();
    EvalReport one = report(catalog.named(List.of("bleu-4", "rouge-l", "bleu-2", "bleu-4")));
    assertThat(one.figures())
        .extracting(MetricFigure::name)
        .containsExactly("BLEU-2", "BLEU-4", "ROUGE-L");
    EvalReport all = report(catalog.named(List.of("bleu-4", "bleu")));
    assertThat(all.figures()).hasSize(4);
    assertThat(one.figure("BLEU-4").orElseThrow().corpus())
        .isEqualTo(all.figure("BLEU-4").orElseThrow().corpus());
  }

  @Test
  void anUnknownMetricIsRefusedWithThoseThatExist() {
    assertThatThrownBy(() -> MetricCatalog.installed().named(List.of("cider", "spice")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("no metric \"spice\"")
        .hasMessageContaining("cider, bleu, rouge");
  }

  @Test
  void twoMetricsOfOneNameAreRefused() throws IOException {
    install(OtherCider.class);
    assertThatThrownBy(MetricCatalog::installed)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("both call one cider")
        .hasMessageContaining("OtherCider");
  }

  @Test
  void aMetricWithANameInCapitalsIsFound() throws IOException {
    install(Loud.class);
    MetricCatalog catalog = MetricCatalog.installed();
    assertThat(report(catalog.named(List.of("variety"))).figures()).hasSize(2);
    assertThat(report(catalog.named(List.of("VARIETY"))).figures()).hasSize(2);
  }

  @Test
  void twoFiguresOfOneNameAreRefused() throws IOException {
    install(SameFigure.class);
    assertThatThrownBy(MetricCatalog::installed)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("CiderMetric", "SameFigure", "both call one cider");
  }

  @Test
  void aMetricThatGivesOtherFiguresThanItSaysIsNamed() {
    assertThatThrownBy(() -> report(List.of(new OtherFigure())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("metric variety", "[Variety, References]", "[Variety, Length]");
  }

  @Test
  void aMetricThatForgetsAnImageIsNamed() {
    assertThatThrownBy(() -> report(List.of(new TooFew())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("metric variety", "of 1 images, but 2");
  }
}
