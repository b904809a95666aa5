package dev.vignette.spark;

import java.io.Serial;
import java.util.List;
import java.util.Set;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Scores how well captions go with images by a CLIP: adds {@code clip_score} (2.5 · max(cosine, 0))
 * and {@code clip_error} to each row, one of them null. An executor loads the model once. Where
 * PyTorch sees cards, it computes on the first.
 */
public final class ClipScoreTransformer extends Transformer implements DefaultParamsWritable {
  @Serial private static final long serialVersionUID = 1L;

  private static final List<StructField> ADDED =
      List.of(
          DataTypes.createStructField("clip_score", DataTypes.DoubleType, true),
          DataTypes.createStructField("clip_error", DataTypes.StringType, true));

  private final String uid;
  private final Param<String> keyCol;
  private final Param<String> imageCol;
  private final Param<String> captionCol;
  private final BooleanParam keepsImage;
  private final Param<String> clip;
  private final Param<String> prefix;
  private final BooleanParam upright;

  /** A scorer that lacks a model. */
  public ClipScoreTransformer() {
    this(Identifiable$.MODULE$.randomUID("clipScore"));
  }

  /** One with a name of its own. */
  public ClipScoreTransformer(String uid) {
    this.uid = uid;
    keyCol = new Param<>(this, "keyCol", "the text that names an image");
    imageCol = new Param<>(this, "imageCol", "the bytes of an image file");
    captionCol = new Param<>(this, "captionCol", "the caption to score");
    keepsImage = new BooleanParam(uid, "keepsImage", "whether the bytes stay in the rows");
    clip = new Param<>(this, "clip", "the folder of a Hugging Face CLIP");
    prefix = new Param<>(this, "prefix", "stands before each caption");
    upright = new BooleanParam(uid, "upright", "whether images are seen as people see them");
    setDefault(keyCol, "path");
    setDefault(imageCol, "content");
    setDefault(captionCol, CaptionColumns.CAPTION);
    setDefault(keepsImage, false);
    setDefault(prefix, "");
    setDefault(upright, false);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public Param<?>[] params() {
    return new Param<?>[] {keyCol, imageCol, captionCol, keepsImage, clip, prefix, upright};
  }

  /** Names the column of the texts that name images; {@code path} by default. */
  public ClipScoreTransformer setKeyCol(String value) {
    set(keyCol, value);
    return this;
  }

  /** Names the column of the bytes of image files; {@code content} by default. */
  public ClipScoreTransformer setImageCol(String value) {
    set(imageCol, value);
    return this;
  }

  /** Names the column of the captions; {@code caption} by default. */
  public ClipScoreTransformer setCaptionCol(String value) {
    set(captionCol, value);
    return this;
  }

  /** Says whether the bytes stay in the rows; they do not by default. */
  public ClipScoreTransformer setKeepsImage(boolean value) {
    set(keepsImage, value);
    return this;
  }

  /** Takes a CLIP: a folder with config.json, weights and tokenizer.json, on all machines. */
  public ClipScoreTransformer setClip(String folder) {
    set(clip, folder);
    return this;
  }

  /** Says what stands before each caption; nothing by default. */
  public ClipScoreTransformer setPrefix(String value) {
    set(prefix, value);
    return this;
  }

  /** Says whether images are turned as their EXIF data say; the reference does not. */
  public ClipScoreTransformer setUpright(boolean value) {
    set(upright, value);
    return this;
  }

  /**
   * @throws IllegalArgumentException if a column is not as it must be, or no model is set
   */
  @Override
  public Dataset<Row> transform(Dataset<?> captioned) {
    StructType schema = captioned.schema();
    if (!isDefined(clip)) {
      throw new IllegalArgumentException(
          "a CLIP scores, but none is set; give setClip the folder of one");
    }
    ClipPartitions scoring =
        new ClipPartitions(
            ModelPath.find("the CLIP", $(clip)).toAbsolutePath().toString(),
            $(prefix),
            (Boolean) $(upright),
            ColumnPlaces.of(schema, $(keyCol), DataTypes.StringType),
            ColumnPlaces.of(schema, $(imageCol), DataTypes.BinaryType),
            ColumnPlaces.of(schema, $(captionCol), DataTypes.StringType),
            kept(schema));
    return captioned.toDF().mapPartitions(scoring, Encoders.row(transformSchema(schema)));
  }

  /**
   * @throws IllegalArgumentException if a column is not as it must be
   */
  @Override
  public StructType transformSchema(StructType schema) {
    return ColumnPlaces.with(schema, kept(schema), ADDED);
  }

  private int[] kept(StructType schema) {
    int image = ColumnPlaces.of(schema, $(imageCol), DataTypes.BinaryType);
    Set<Integer> dropped = (Boolean) $(keepsImage) ? Set.of() : Set.of(image);
    return ColumnPlaces.kept(schema, dropped, ADDED);
  }

  @Override
  public ClipScoreTransformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /** Reads what {@link #save} wrote. */
  public static MLReader<ClipScoreTransformer> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads what {@link #save} wrote into a folder. */
  public static ClipScoreTransformer load(String path) {
    return read().load(path);
  }
}
