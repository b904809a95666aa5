package dev.vignette.attention;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The maps of words, layer by layer and head by head, packed for a page's script: each map is its
 * largest value, a float, and for each patch the root of its part of that in 16 bits: value =
 * largest · (packed / 65535)². So small weights beside a sink keep their digits.
 *
 * @param largest (words · layers · heads) little-endian floats in base64
 * @param packed (words · layers · heads, side · side) little-endian, 16 bits each, in base64
 */
record WordRows(String largest, String packed) {
  /** The packed form of the largest value. */
  static final int FULL = 65_535;

  /** (words, layers, heads, side · side) in one row after another. */
  static WordRows ofWords(AttentionTrace trace) {
    int words = CaptionWord.of(trace.pieces()).size();
    List<WordMaps> rows = eachRow(trace);
    List<PatchMap> maps = new ArrayList<>();
    for (int word = 0; word < words; word++) {
      for (WordMaps row : rows) {
        maps.add(row.maps().get(word));
      }
    }
    return pack(maps, trace.grid().patches());
  }

  /** The mean over the words: (layers, heads, side · side). */
  static WordRows ofMean(AttentionTrace trace) {
    return pack(eachRow(trace).stream().map(WordMaps::mean).toList(), trace.grid().patches());
  }

  /** (layers · heads). */
  private static List<WordMaps> eachRow(AttentionTrace trace) {
    List<WordMaps> rows = new ArrayList<>();
    for (int layer = 0; layer < trace.layers().size(); layer++) {
      for (int head = 0; head < trace.rowsPerLayer(); head++) {
        rows.add(WordMaps.of(trace, layer, head));
      }
    }
    return rows;
  }

  private static WordRows pack(List<PatchMap> maps, int patches) {
    ByteBuffer largest = littleEndian((long) Float.BYTES * maps.size());
    ByteBuffer packed = littleEndian((long) Short.BYTES * patches * maps.size());
    for (PatchMap map : maps) {
      float most = map.max();
      largest.putFloat(most);
      for (float value : map.values()) {
        double part = most > 0 ? Math.sqrt(Math.max(0, value) / most) : 0;
        packed.putShort((short) Math.round(FULL * part));
      }
    }
    return new WordRows(base64(largest), base64(packed));
  }

  private static ByteBuffer littleEndian(long bytes) {
    return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String base64(ByteBuffer bytes) {
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
