package dev.vignette.captioner;

import dev.vignette.captioner.model.Gpt2Tokenizer;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.files.ContentHash;
import dev.vignette.torch.JsonSettings;
import dev.vignette.torch.TimmVit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The models that an adapter was trained on, by hashes in its {@code captioner.json}: by these they
 * are known again wherever they lie. Versions before tell of none, or of weights only.
 */
final class AdapterBase {
  private static final String ENCODER = "encoder_sha256";
  private static final String ENCODER_CONFIG = "encoder_config_sha256";
  private static final String DECODER = "decoder_sha256";
  private static final String DECODER_CONFIG = "decoder_config_sha256";
  private static final String TOKENIZER = "tokenizer_sha256";

  private AdapterBase() {}

  static SequencedMap<String, String> of(AdapterFolder.Origin origin) throws IOException {
    SequencedMap<String, String> hashes = new LinkedHashMap<>();
    hashes.putAll(of(TimmVit.describe(origin.encoder())));
    hashes.putAll(of(Gpt2Weights.open(origin.decoder())));
    if (Gpt2Tokenizer.isIn(origin.tokenizer())) {
      hashes.put(TOKENIZER, tokenizer(origin.tokenizer()));
    }
    return hashes;
  }

  private static Map<String, String> of(TimmVit encoder) throws IOException {
    String config = "%s %s %s".formatted(encoder.shape(), encoder.mean(), encoder.std());
    return pair(
        ENCODER, ContentHash.sampled(encoder.weightFile()),
        ENCODER_CONFIG, ContentHash.ofText(config));
  }

  private static Map<String, String> of(Gpt2Weights decoder) throws IOException {
    return pair(
        DECODER, ContentHash.sampled(decoder.file()),
        DECODER_CONFIG, ContentHash.ofText(decoder.config().toString()));
  }

  /** In this order, in which they are written. */
  private static Map<String, String> pair(
      String weights, String hash, String config, String configHash) {
    Map<String, String> pair = new LinkedHashMap<>();
    pair.put(weights, hash);
    pair.put(config, configHash);
    return pair;
  }

  private static String tokenizer(Path folder) throws IOException {
    return ContentHash.ofText(Gpt2Tokenizer.hash(folder));
  }

  /** Says that an encoder is another than the one that the adapter in {@code folder} had. */
  static List<String> other(Path folder, TimmVit encoder) throws IOException {
    return other(folder, of(encoder), encoder.weightFile());
  }

  /** The same of a decoder. */
  static List<String> other(Path folder, Gpt2Weights decoder) throws IOException {
    return other(folder, of(decoder), decoder.file());
  }

  /** The same of a tokenizer. */
  static List<String> otherTokenizer(Path folder, Path tokenizer) throws IOException {
    return Gpt2Tokenizer.isIn(tokenizer)
        ? other(folder, Map.of(TOKENIZER, tokenizer(tokenizer)), tokenizer)
        : List.of();
  }

  private static List<String> other(Path folder, Map<String, String> hashes, Path place)
      throws IOException {
    Path origin = folder.resolve(AdapterFolder.ORIGIN);
    if (!Files.isRegularFile(origin)) {
      return List.of();
    }
    JsonSettings told = JsonSettings.read(origin, AdapterFolder.REMEDY);
    List<String> odd = new ArrayList<>();
    hashes.forEach((name, hash) -> {
      if (!told.node().path(name).asString(hash).equals(hash)) {
        odd.add(
            "%s was trained on %s %s, by their hashes: captions make sense only if it is the same model in another form"
                .formatted(folder, whatOf(name), place));
      }
    });
    return odd;
  }

  private static String whatOf(String name) {
    return switch (name) {
      case ENCODER, DECODER -> "other weights than those of";
      case TOKENIZER -> "another tokenizer than that of";
      default -> "another configuration than that of";
    };
  }
}
