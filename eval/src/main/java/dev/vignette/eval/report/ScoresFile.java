package dev.vignette.eval.report;

import dev.vignette.captions.reading.PredictionParts;
import dev.vignette.captions.reading.ReadFault;
import dev.vignette.eval.EvalReport.Fingerprint;
import dev.vignette.eval.Ranking.SystemScores;
import dev.vignette.eval.metric.Bleu;
import dev.vignette.eval.metric.Bleu.BleuCounts;
import dev.vignette.eval.metric.Cider;
import dev.vignette.eval.metric.MetricResult;
import dev.vignette.eval.metric.MetricResult.MeanResult;
import dev.vignette.eval.metric.RougeL;
import dev.vignette.files.faults.MalformedDataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Reads the scores of a {@link JsonReport}. */
public final class ScoresFile {
  private static final int PEEK = 64;

  /** The metrics whose figure is the mean of its images. */
  private static final Set<String> MEANS = Set.of(Cider.NAME, RougeL.NAME);

  /** What summing in another order may change, as a share. */
  private static final double ROUNDING = 1e-9;

  private ScoresFile() {}

  /** Whether a file looks like a report, rather than like predictions. */
  public static boolean isReport(Path file) {
    if (!PredictionParts.of(file).equals(List.of(file))) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(PEEK), StandardCharsets.UTF_8)
          .contains("\"" + JsonReport.MARK + "\"");
    } catch (IOException e) {
      throw ReadFault.unreadable(file, e);
    }
  }

  /**
   * The scores in a report.
   *
   * @throws MalformedDataException when the file is not one, or of another version
   */
  public static SystemScores read(Path file, String name) {
    try {
      JsonNode report = new ObjectMapper().readTree(file.toFile());
      int version = report.path(JsonReport.MARK).asInt(0);
      if (version != JsonReport.VERSION) {
        throw new MalformedDataException(
            "%s is a report of version %d, this Vignette reads version %d. Make it again with vignette eval --json."
                .formatted(file, version, JsonReport.VERSION));
      }
      SequencedMap<String, String> facts = new LinkedHashMap<>();
      report.required("fingerprint").forEachEntry((key, value) -> facts.put(key, value.asString()));
      List<String> images =
          report
              .required("images")
              .valueStream()
              .map(image -> image.required("image").asString())
              .toList();
      return new SystemScores(name, new Fingerprint(facts), images, results(file, report));
    } catch (StreamReadException | JacksonIOException e) {
      throw ReadFault.noJson(file, e);
    } catch (JacksonException e) {
      throw new MalformedDataException(
          "%s is no whole report of an evaluation: a figure or a part of it is missing. Make it again with vignette eval --json."
              .formatted(file),
          e);
    }
  }

  private static List<MetricResult> results(Path file, JsonNode report) {
    List<JsonNode> images = report.required("images").valueStream().toList();
    List<MetricResult> results = new ArrayList<>();
    for (String metric : report.required("metrics").propertyNames()) {
      if (Bleu.NAMES.contains(metric)) {
        results.add(Bleu.result(metric, images.stream().map(ScoresFile::counts).toList()));
      } else {
        double[] scores =
            images.stream().mapToDouble(image -> image.required(metric).doubleValue()).toArray();
        MeanResult result = new MeanResult(metric, scores);
        if (MEANS.contains(metric)) {
          requireMean(file, report.required("metrics").required(metric), result);
        }
        results.add(result);
      }
    }
    return results;
  }

  /** A figure that is not the mean of its images was changed, or one of theirs was. */
  private static void requireMean(Path file, JsonNode figure, MeanResult result) {
    double said = figure.required("value").doubleValue();
    double mean = result.corpus();
    if (!(Math.abs(said - mean) <= ROUNDING * Math.max(1, Math.abs(mean)))) {
      throw new MalformedDataException(
          "%s says that its %s is %s, but the mean over its images is %s: a figure was changed. Make it again with vignette eval --json."
              .formatted(file, result.name(), said, mean));
    }
  }

  private static BleuCounts counts(JsonNode image) {
    JsonNode counts = image.required("bleu");
    int[] of = new int[6];
    for (int i = 0; i < of.length; i++) {
      of[i] = counts.required(i).intValue();
    }
    return new BleuCounts(of[0], of[1], of[2], of[3], of[4], of[5]);
  }
}
