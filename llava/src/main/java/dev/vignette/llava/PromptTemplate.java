package dev.vignette.llava;

/**
 * What stands around the image and the instruction.
 *
 * @param beforeImage the text from the beginning to the image
 * @param afterImage the text from the image to the instruction
 * @param afterInstruction the text from the instruction to the answer
 */
public record PromptTemplate(String beforeImage, String afterImage, String afterInstruction) {

  private static final String IMAGE = "<image>";
  private static final String INSTRUCTION = "{instruction}";

  /**
   * LLaVA-1.5 as Hugging Face's model card prompts it: {@code USER: <image>\n{instruction}
   * ASSISTANT:}, without a system prompt.
   */
  public static final PromptTemplate LLAVA_1_5 =
      parse("USER: " + IMAGE + "\n" + INSTRUCTION + " ASSISTANT:");

  /**
   * Reads a template in which {@code <image>} and, after it, {@code {instruction}} stand once each.
   *
   * @throws IllegalArgumentException if they do not
   */
  public static PromptTemplate parse(String template) {
    int image = template.indexOf(IMAGE);
    int instruction = template.indexOf(INSTRUCTION);
    boolean once =
        image >= 0
            && instruction > image
            && image == template.lastIndexOf(IMAGE)
            && instruction == template.lastIndexOf(INSTRUCTION);
    if (!once) {
      throw new IllegalArgumentException(
          "a prompt template has %s once and %s once after it, but this one is '%s'"
              .formatted(IMAGE, INSTRUCTION, template));
    }
    return new PromptTemplate(
        template.substring(0, image),
        template.substring(image + IMAGE.length(), instruction),
        template.substring(instruction + INSTRUCTION.length()));
  }

  /** The text that follows the image. */
  public String afterImage(String instruction) {
    return afterImage + instruction + afterInstruction;
  }

  @Override
  public String toString() {
    return beforeImage + IMAGE + afterImage + INSTRUCTION + afterInstruction;
  }
}
