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

  /** The metrics of Vignette's own whose figure is the mean of its images. */
  private static final Set<String> MEANS =
      Set.of(Cider.NAME, RougeL.NAME, "CLIPScore", "RefCLIPScore");

  private static final String REMEDY = "Make it again with vignette eval --json.";

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
            "%s is a report of version %d, this Vignette reads version %d. %s"
                .formatted(file, version, JsonReport.VERSION, REMEDY));
      }
      SequencedMap<String, String> facts = new LinkedHashMap<>();
      report.required("fingerprint").forEachEntry((key, value) -> facts.put(key, value.asString()));
      List<String> images = report.required("images").valueStream().map(ScoresFile::name).toList();
      return new SystemScores(name, new Fingerprint(facts), images, results(file, report));
    } catch (StreamReadException | JacksonIOException e) {
      throw ReadFault.noJson(file, e);
    } catch (JacksonException e) {
      throw new MalformedDataException(
          "%s is no whole report of an evaluation: a figure or a part of it is missing. %s"
              .formatted(file, REMEDY),
          e);
    }
  }

  private static List<MetricResult> results(Path file, JsonNode report) {
    List<JsonNode> images = report.required("images").valueStream().toList();
    if (images.isEmpty()) {
      throw new MalformedDataException(
          "%s is a report of no images, so that it has no figures. %s".formatted(file, REMEDY));
    }
    List<MetricResult> results = new ArrayList<>();
    for (var metric : report.required("metrics").properties()) {
      results.add(result(file, metric.getKey(), metric.getValue(), images));
    }
    return results;
  }

  private static MetricResult result(
      Path file, String metric, JsonNode figure, List<JsonNode> images) {
    if (Bleu.NAMES.contains(metric)) {
      MetricResult result =
          Bleu.result(metric, images.stream().map(image -> counts(file, image)).toList());
      for (int place = 0; place < images.size(); place++) {
        JsonNode image = images.get(place);
        String whose = "%s of image %s".formatted(metric, name(image));
        requireSame(file, whose, image.required(metric), "its counts", result.image(place));
      }
      requireSame(
          file, metric, figure.required("value"), "the counts of its images", result.corpus());
      return result;
    }
    double[] scores =
        images.stream().mapToDouble(image -> image.required(metric).doubleValue()).toArray();
    MeanResult result = new MeanResult(metric, scores);
    if (MEANS.contains(metric)) {
      requireSame(
          file, metric, figure.required("value"), "the mean over its images", result.corpus());
    }
    return result;
  }

  /** A figure that does not follow from what it is made of was changed, or that was. */
  private static void requireSame(
      Path file, String figure, JsonNode value, String origin, double follows) {
    double said = value.doubleValue();
    if (!(Math.abs(said - follows) <= ROUNDING * Math.max(1, Math.abs(follows)))) {
      throw new MalformedDataException(
          "%s says that its %s is %s, but by %s it is %s: a figure was changed. %s"
              .formatted(file, figure, said, origin, follows, REMEDY));
    }
  }

  private static BleuCounts counts(Path file, JsonNode image) {
    JsonNode counts = image.required("bleu");
    int[] of = new int[6];
    for (int i = 0; i < of.length; i++) {
      of[i] = counts.required(i).intValue();
    }
    try {
      return new BleuCounts(of[0], of[1], of[2], of[3], of[4], of[5]);
    } catch (IllegalArgumentException e) {
      throw new MalformedDataException(
          "%s has the counts of BLEU %s for image %s, which cannot be: %s. %s"
              .formatted(file, counts, name(image), e.getMessage(), REMEDY),
          e);
    }
  }

  private static String name(JsonNode image) {
    return image.required("image").asString();
  }
}
