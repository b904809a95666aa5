package dev.vignette.spark;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Where columns are in the rows of a schema, and which stay when others are added. */
final class ColumnPlaces {
  private ColumnPlaces() {}

  /**
   * The place of a column.
   *
   * @throws IllegalArgumentException if there is none of that name, or it holds something else
   */
  static int of(StructType schema, String name, DataType type) {
    int at = List.of(schema.fieldNames()).indexOf(name);
    if (at < 0) {
      throw new IllegalArgumentException(
          "there is no column '%s'; there are %s"
              .formatted(name, String.join(", ", schema.fieldNames())));
    }
    DataType found = schema.fields()[at].dataType();
    if (!found.equals(type)) {
      throw new IllegalArgumentException(
          "the column '%s' holds %s, but is to hold %s"
              .formatted(name, found.simpleString(), type.simpleString()));
    }
    return at;
  }

  /**
   * The places of what stays.
   *
   * @param dropped places of what does not
   * @throws IllegalArgumentException if what stays has the name of something that is added
   */
  static int[] kept(StructType schema, Set<Integer> dropped, List<StructField> added) {
    int[] kept = IntStream.range(0, schema.length()).filter(at -> !dropped.contains(at)).toArray();
    for (int at : kept) {
      String name = schema.fields()[at].name();
      if (added.stream().anyMatch(field -> field.name().equals(name))) {
        throw new IllegalArgumentException(
            "the column '%s' is to be added, but there is one already; rename it (withColumnRenamed) or leave it out"
                .formatted(name));
      }
    }
    return kept;
  }

  /** The schema of rows of which some places stay and columns are added. */
  static StructType with(StructType schema, int[] kept, List<StructField> added) {
    return DataTypes.createStructType(
        Stream.concat(IntStream.of(kept).mapToObj(at -> schema.fields()[at]), added.stream())
            .toList());
  }

  /** A row of what stays and what is added, as {@link #with} orders them. */
  static Row row(Row row, int[] kept, @Nullable Object... added) {
    Stream<@Nullable Object> values = IntStream.of(kept).mapToObj(row::get);
    return RowFactory.create(Stream.concat(values, Arrays.stream(added)).toArray());
  }
}
