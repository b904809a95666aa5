package dev.vignette.cli.eval;

import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.CaptionMetric;
import dev.vignette.eval.EvalOptions;
import dev.vignette.eval.MetricCatalog;
import dev.vignette.eval.Ranking.SystemScores;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.metric.MetricResult;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how captions are scored. */
final class ScoringArguments {
  private static final String CORPUS = "corpus";
  private static final String LIST = "list";
  private static final Set<String> LISTS = Set.of(LIST, "help");

  /** Which tokenizer reads the captions. */
  enum TokenizerChoice {
    OWN,
    CORENLP
  }

  @Option(
      names = "--metrics",
      split = ",",
      arity = "0..1",
      fallbackValue = LIST,
      paramLabel = "METRIC",
      description =
          "Metrics or single figures: cider, bleu, bleu-4, rouge, clipscore, refclipscore, and others on the class path; list, help or no value: a list of them. Default: all that look at words, and with --clip all.")
  private List<String> metrics = new ArrayList<>();

  @Option(
      names = "--tokenization",
      paramLabel = "MODE",
      defaultValue = "compat",
      description =
          "compat: as the reference does, all captions as one text. strict: each caption alone. Default: compat.")
  private Tokenization tokenization = Tokenization.COMPAT;

  @Option(
      names = "--tokenizer",
      paramLabel = "WHICH",
      defaultValue = "own",
      description =
          "own, or corenlp if stanford-corenlp-3.4.1.jar is on the class path. Default: own.")
  private TokenizerChoice tokenizer = TokenizerChoice.OWN;

  @Option(
      names = "--cider-df",
      paramLabel = "FILE|corpus",
      defaultValue = CORPUS,
      description =
          "Document frequencies of CIDEr: of the references given (corpus), or from a file that --save-cider-df wrote. Default: corpus.")
  private String frequencies = CORPUS;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "" + Scoring.SEED,
      description = "Seed of the bootstrap. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--resamples",
      paramLabel = "N",
      defaultValue = "" + Scoring.RESAMPLES,
      description = "Resamples of the bootstrap, 100 to 1,000,000. Default: ${DEFAULT-VALUE}.")
  private int resamples;

  /** The options as asked for. */
  EvalOptions toOptions(boolean withImages, @Nullable Path saveFrequencies) {
    return new EvalOptions(
        metrics(withImages),
        tokenizer == TokenizerChoice.OWN ? CaptionTokenizer.own() : coreNlp(),
        tokenization,
        frequencies(),
        Optional.ofNullable(saveFrequencies),
        bootstrap());
  }

  /** The bootstrap asked for. */
  Bootstrap bootstrap() {
    return new Bootstrap(seed, resamples);
  }

  /**
   * Writes which metrics there are, if that was asked for.
   *
   * @throws UsageException if there is no metric of a name, as of a file that stands after {@code
   *     --metrics}
   */
  boolean listed(PrintWriter out) {
    if (metrics.isEmpty()) {
      return false;
    }
    MetricCatalog catalog = MetricCatalog.installed();
    if (metrics.stream().noneMatch(name -> LISTS.contains(name.toLowerCase(Locale.ROOT)))) {
      catalog.named(metrics);
      return false;
    }
    out.print(catalog.text());
    out.flush();
    return true;
  }

  /**
   * The figures asked for, of scores that are computed already.
   *
   * @param file where they are from
   * @throws UsageException if it lacks one
   */
  SystemScores only(SystemScores scores, Path file) {
    if (metrics.isEmpty()) {
      return scores;
    }
    List<String> asked =
        MetricCatalog.installed().named(metrics).stream()
            .flatMap(metric -> metric.figures().stream())
            .toList();
    List<MetricResult> kept =
        scores.results().stream().filter(result -> asked.contains(result.name())).toList();
    List<String> lacking = new ArrayList<>(asked);
    kept.forEach(result -> lacking.remove(result.name()));
    if (!lacking.isEmpty()) {
      throw new UsageException(
          "%s holds no %s: make it again with --metrics of vignette eval, or leave %s out of --metrics."
              .formatted(file, String.join(", ", lacking), lacking.size() == 1 ? "it" : "them"));
    }
    return new SystemScores(scores.name(), scores.fingerprint(), scores.images(), kept);
  }

  /** The metrics asked for, or the default. */
  private List<CaptionMetric> metrics(boolean withImages) {
    MetricCatalog catalog = MetricCatalog.installed();
    if (!metrics.isEmpty()) {
      return catalog.named(metrics);
    }
    return withImages ? catalog.all() : catalog.ofWords();
  }

  private static CaptionTokenizer coreNlp() {
    try {
      return CaptionTokenizer.coreNlp();
    } catch (IllegalStateException e) {
      throw new UsageException("--tokenizer corenlp: " + e.getMessage(), e);
    }
  }

  /**
   * The file of document frequencies, if one was named.
   *
   * @throws UsageException if it is not there
   */
  Optional<Path> frequencies() {
    if (frequencies.equals(CORPUS)) {
      return Optional.empty();
    }
    Path file = Path.of(frequencies);
    if (!Files.isRegularFile(file)) {
      throw new UsageException(
          "--cider-df takes \"corpus\" or a file of document frequencies, and %s is no regular file that is there. Make one with --save-cider-df."
              .formatted(file));
    }
    return Optional.of(file);
  }
}
