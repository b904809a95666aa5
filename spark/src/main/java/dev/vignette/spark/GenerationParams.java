package dev.vignette.spark;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.GenerationConfig.EarlyStopping;
import dev.vignette.decoding.GenerationOption;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * The options of generation as params of Spark ML, one each, with the name that Spark would give
 * it: {@code numBeams} for {@code num_beams}. A param that is not set has the option's default.
 */
final class GenerationParams implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Params owner;

  /** By the option's name. */
  private final Map<String, Param<?>> params = new LinkedHashMap<>();

  GenerationParams(Params owner) {
    this.owner = owner;
    for (GenerationOption<?> option : GenerationOption.ALL) {
      params.put(option.name(), param(option));
    }
  }

  private Param<?> param(GenerationOption<?> option) {
    String name = sparkName(option);
    String help = option.help();
    return switch (option.byDefault()) {
      case Boolean _ -> new BooleanParam(owner.uid(), name, help);
      case Integer _ -> new IntParam(owner, name, help);
      case Long _ -> new LongParam(owner, name, help);
      case Double _ -> new DoubleParam(owner, name, help);
      case List<?> _ -> new StringArrayParam(owner, name, help);
      default -> new Param<String>(owner, name, help);
    };
  }

  private static String sparkName(GenerationOption<?> option) {
    StringBuilder name = new StringBuilder();
    for (String word : option.name().split("_", -1)) {
      name.append(
          name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return name.toString();
  }

  List<Param<?>> all() {
    return new ArrayList<>(params.values());
  }

  /** Sets all params that differ from their defaults. */
  void set(GenerationConfig config) {
    for (GenerationOption<?> option : GenerationOption.ALL) {
      Object value = option.of(config);
      if (value.equals(option.byDefault())) {
        owner.clear(paramOf(option));
      } else {
        owner.set(paramOf(option), sparkValue(value));
      }
    }
  }

  private static Object sparkValue(Object value) {
    return switch (value) {
      case List<?> texts -> texts.stream().map(Object::toString).toArray(String[]::new);
      case EarlyStopping ending -> ending.toString();
      default -> value;
    };
  }

  /**
   * The configuration that the params ask for.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  GenerationConfig config() {
    GenerationConfig.Builder builder = GenerationConfig.builder();
    GenerationOption.ALL.forEach(option -> read(option, builder));
    return builder.build();
  }

  @SuppressWarnings("unchecked") // param() makes the param by the option's type
  private <T> void read(GenerationOption<T> option, GenerationConfig.Builder builder) {
    Param<Object> param = paramOf(option);
    if (!owner.isDefined(param)) {
      return;
    }
    Object value = owner.getOrDefault(param);
    switch (value) {
      case String[] texts -> builder.set(option, (T) Arrays.asList(texts));
      case String text -> builder.set(option, option.parse(text));
      default -> builder.set(option, (T) value);
    }
  }

  @SuppressWarnings("unchecked") // what it takes is checked where the option is read
  private Param<Object> paramOf(GenerationOption<?> option) {
    return (Param<Object>) Objects.requireNonNull(params.get(option.name()));
  }
}
