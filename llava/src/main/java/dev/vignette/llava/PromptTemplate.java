package dev.vignette.llava;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  /** The system message that JoyCaption's model card gives it. */
  private static final String CAPTIONER = "You are a helpful image captioner.";

  /**
   * What JoyCaption's template puts before and after the image, which is the token numbered
   * between.
   */
  private static final String JOYCAPTION_IMAGE =
      "<|reserved_special_token_70|><|reserved_special_token_69|><|reserved_special_token_71|>";

  private static final Pattern DATE = Pattern.compile("date_string\\s*=\\s*\"([^\"]+)\"");

  /**
   * The template of a model by its chat template. Jinja is not run: JoyCaption's is known by the
   * tokens around its image, and is Llama 3's with that system message; any other model is asked as
   * LLaVA-1.5.
   *
   * @param chat in Jinja, if the model has one
   */
  static PromptTemplate ofChat(Optional<String> chat) {
    return chat.filter(jinja -> jinja.contains(JOYCAPTION_IMAGE))
        .map(PromptTemplate::joyCaption)
        .orElse(LLAVA_1_5);
  }

  private static PromptTemplate joyCaption(String jinja) {
    String dates = "";
    if (jinja.contains("Cutting Knowledge Date: December 2023")) {
      Matcher date = DATE.matcher(jinja);
      dates =
          "Cutting Knowledge Date: December 2023\nToday Date: %s\n\n"
              .formatted(date.find() ? date.group(1) : "26 July 2024");
    }
    return new PromptTemplate(
        "<|start_header_id|>system<|end_header_id|>\n\n"
            + dates
            + CAPTIONER
            + "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n<|reserved_special_token_70|>",
        "<|reserved_special_token_71|>",
        "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n");
  }

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

  /**
   * Checks that an instruction is text, and leaves the image's place to the template: the model
   * would read the word, or what is no text, as it stands, and caption badly.
   *
   * @throws IllegalArgumentException if not
   */
  static void requireText(String instruction) {
    if (instruction.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "an instruction is text, but '%s' has the character U+0000; take it out, or save the file as UTF-8"
              .formatted(instruction.replace('\0', '\uFFFD')));
    }
    if (instruction.contains(IMAGE)) {
      throw new IllegalArgumentException(
          "an instruction says nothing of the image's place, which the template gives it, but '%s' has %s; leave that out with what stands around the instruction (USER:, ASSISTANT:), or give all of it as a template"
              .formatted(instruction, IMAGE));
    }
  }

  /**
   * The text that follows the image.
   *
   * @throws IllegalArgumentException if the instruction has an image's place in it
   */
  public String afterImage(String instruction) {
    requireText(instruction);
    return afterImage + instruction + afterInstruction;
  }

  @Override
  public String toString() {
    return beforeImage + IMAGE + afterImage + INSTRUCTION + afterInstruction;
  }
}
