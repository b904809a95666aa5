package dev.vignette.llama;

import dev.vignette.llama.internal.ffi.LlamaCpp;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The kinds of quantized file that llama.cpp writes without an importance matrix. */
public enum QuantizationType {
  F32(LlamaCpp.LLAMA_FTYPE_ALL_F32()),
  F16(LlamaCpp.LLAMA_FTYPE_MOSTLY_F16()),
  BF16(LlamaCpp.LLAMA_FTYPE_MOSTLY_BF16()),
  Q8_0(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q8_0()),
  Q6_K(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q6_K()),
  Q5_K_M(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q5_K_M()),
  Q5_K_S(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q5_K_S()),
  Q5_1(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q5_1()),
  Q5_0(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q5_0()),
  Q4_K_M(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q4_K_M()),
  Q4_K_S(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q4_K_S()),
  Q4_1(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q4_1()),
  Q4_0(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q4_0()),
  IQ4_NL(LlamaCpp.LLAMA_FTYPE_MOSTLY_IQ4_NL()),
  IQ4_XS(LlamaCpp.LLAMA_FTYPE_MOSTLY_IQ4_XS()),
  IQ3_M(LlamaCpp.LLAMA_FTYPE_MOSTLY_IQ3_M()),
  IQ3_S(LlamaCpp.LLAMA_FTYPE_MOSTLY_IQ3_S()),
  Q3_K_L(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q3_K_L()),
  Q3_K_M(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q3_K_M()),
  Q3_K_S(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q3_K_S()),
  Q2_K(LlamaCpp.LLAMA_FTYPE_MOSTLY_Q2_K());

  private final int fileType;

  QuantizationType(int fileType) {
    this.fileType = fileType;
  }

  int fileType() {
    return fileType;
  }

  /**
   * Reads a name as llama.cpp spells it, in any case.
   *
   * @throws IllegalArgumentException if it is none of them, with the list
   */
  public static QuantizationType parse(String name) {
    String upper = name.strip().toUpperCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(type -> type.name().equals(upper))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "a quantization type is one of %s, not '%s'"
                    .formatted(
                        Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", ")),
                        name)));
  }
}
