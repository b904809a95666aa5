package dev.vignette.spark;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Where a captioner finds its image in a row, and what it makes of the row: what was there, then
 * caption, error, tokens, log-probability, milliseconds and fingerprint.
 *
 * @param key the place of the text that names the image
 * @param image the place of the bytes of the image's file
 * @param knownError the place of the text that says why there is no image, -1 if there is none; its
 *     column is taken over
 * @param kept the places of what stays
 */
@SuppressWarnings("ArrayRecordComponent") // places, never compared
record CaptionColumns(int key, int image, int knownError, int[] kept) implements Serializable {
  static final String CAPTION = "caption";
  static final String ERROR = "error";
  static final String TOKENS = "tokens";
  static final String LOG_PROBABILITY = "log_probability";
  static final String MILLISECONDS = "milliseconds";
  static final String FINGERPRINT = "fingerprint";

  private static final List<StructField> ADDED =
      List.of(
          DataTypes.createStructField(CAPTION, DataTypes.StringType, true),
          DataTypes.createStructField(ERROR, DataTypes.StringType, true),
          DataTypes.createStructField(TOKENS, DataTypes.IntegerType, true),
          DataTypes.createStructField(LOG_PROBABILITY, DataTypes.DoubleType, true),
          DataTypes.createStructField(MILLISECONDS, DataTypes.DoubleType, true),
          DataTypes.createStructField(FINGERPRINT, DataTypes.StringType, false));

  /**
   * The columns of rows of a schema.
   *
   * @param keepsImage whether the bytes stay in the rows
   * @throws IllegalArgumentException if the schema lacks a column, or has one that is to be added
   */
  static CaptionColumns of(StructType schema, String key, String image, boolean keepsImage) {
    int keyAt = ColumnPlaces.of(schema, key, DataTypes.StringType);
    int imageAt = ColumnPlaces.of(schema, image, DataTypes.BinaryType);
    boolean judged = List.of(schema.fieldNames()).contains(ERROR);
    int errorAt = judged ? ColumnPlaces.of(schema, ERROR, DataTypes.StringType) : -1;
    Set<Integer> dropped = new HashSet<>(List.of(errorAt));
    if (!keepsImage) {
      dropped.add(imageAt);
    }
    return new CaptionColumns(keyAt, imageAt, errorAt, ColumnPlaces.kept(schema, dropped, ADDED));
  }

  /** The schema of what is made of rows of {@code schema}. */
  StructType output(StructType schema) {
    return ColumnPlaces.with(schema, kept, ADDED);
  }

  String key(Row row) {
    return row.isNullAt(key) ? "" : row.getString(key);
  }

  byte @Nullable [] image(Row row) {
    return row.isNullAt(image) ? null : row.getAs(image);
  }

  /** Why there is no image; null if nothing is known against it. */
  @Nullable String knownError(Row row) {
    return knownError < 0 || row.isNullAt(knownError) ? null : row.getString(knownError);
  }

  /**
   * What is added to a row.
   *
   * @param caption null with an error
   * @param error null with a caption
   * @param tokens how many were generated
   * @param logProbability of all tokens together
   * @param milliseconds in encoder and decoder
   */
  record Added(
      @Nullable String caption,
      @Nullable String error,
      @Nullable Integer tokens,
      @Nullable Double logProbability,
      @Nullable Double milliseconds) {

    static Added failed(String error) {
      return new Added(null, error, null, null, null);
    }
  }

  Row with(Row row, Added added, String fingerprint) {
    return ColumnPlaces.row(
        row,
        kept,
        added.caption,
        added.error,
        added.tokens,
        added.logProbability,
        added.milliseconds,
        fingerprint);
  }
}
