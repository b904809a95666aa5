import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Lets jextract's functions of integers and pointers share one native call, {@code WordCall}, in the place of a method
 * handle each: linking each shape of function costs three milliseconds of a start (docs/decisions/0003-safe-layer.md).
 * Functions that take or return structs or floating-point numbers stay as jextract made them.
 *
 * <p>{@code java PlainCalls.java .../ffi/LlamaCpp.java} rewrites the file; generate.sh does so.
 */
final class PlainCalls {
  private static final int MOST_WORDS = 8;
  private static final int MOST_POINTERS = 4;

  /** A holder class, the accessors of its members, and the function itself; each ends at a line {@code "    }"}. */
  private static final Pattern FUNCTION =
      Pattern.compile(
          "    private static class (?<name>\\w+) \\{\n(?<holder>.*?)\n    }\n"
              + "(?<accessors>.*?)"
              + "(?<doc>    /\\*\\*(?:(?!\\*/).)*\\*/\n)"
              + "    public static (?<result>\\w+) \\k<name>\\((?<parameters>[^)]*)\\) \\{\n(?<body>.*?)\n    }\n",
          Pattern.DOTALL);

  private static final Pattern ACCESSOR =
      Pattern.compile(
          "\n    /\\*\\*(?:(?!\\*/).)*\\*/\n    public static \\w+ \\w+\\$(?:descriptor|handle)\\(\\) \\{\n.*?\n    }\n",
          Pattern.DOTALL);

  private PlainCalls() {}

  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    String source = Files.readString(file);
    int[] counts = new int[2];
    Matcher functions = FUNCTION.matcher(source);
    String rewritten =
        functions.replaceAll(
            function -> {
              boolean plain = isPlain(function);
              counts[plain ? 1 : 0]++;
              return Matcher.quoteReplacement(plain ? plain(function) : function.group());
            });
    if (counts[1] == 0) {
      throw new IllegalStateException(file + " has no function of jextract's form: was it rewritten already?");
    }
    Files.writeString(
        file,
        rewritten.replaceFirst(
            "\nimport ", Matcher.quoteReplacement("\nimport dev.vignette.llama.internal.WordCall;\nimport ")));
    System.out.printf("%d functions share a call, %d keep their own%n", counts[1], counts[0]);
  }

  private static boolean isPlain(MatchResult function) {
    List<String> types = new ArrayList<>(parameters(function).stream().map(Parameter::type).toList());
    if (types.size() > MOST_WORDS || types.stream().filter("MemorySegment"::equals).count() > MOST_POINTERS) {
      return false;
    }
    types.add(function.group("result").equals("void") ? "int" : function.group("result"));
    return !function.group("holder").contains("layout()")
        && types.stream().allMatch(List.of("MemorySegment", "int", "long", "boolean")::contains);
  }

  private static String plain(MatchResult function) {
    String name = function.group("name");
    List<Parameter> parameters = parameters(function);
    List<String> words = new ArrayList<>(parameters.stream().map(Parameter::word).toList());
    List<String> held =
        new ArrayList<>(
            parameters.stream().filter(p -> p.type().equals("MemorySegment")).map(Parameter::name).toList());
    while (words.size() < MOST_WORDS) {
      words.add("0");
    }
    while (held.size() < MOST_POINTERS) {
      held.add("MemorySegment.NULL");
    }
    String call =
        "WordCall.call(\n            %s.ADDR,\n            %s,\n            %s)"
            .formatted(name, String.join(", ", words), String.join(", ", held));
    String said =
        parameters.stream().map(parameter -> ", " + parameter.name()).collect(Collectors.joining());
    return "    private static class " + name + " {\n"
        + "        public static final MemorySegment ADDR = SYMBOL_LOOKUP.findOrThrow(\"" + name + "\");\n"
        + "    }\n"
        + ACCESSOR.matcher(function.group("accessors")).replaceAll("")
        + function.group("doc")
        + "    public static %s %s(%s) {\n".formatted(function.group("result"), name, function.group("parameters"))
        + "        if (TRACE_DOWNCALLS) {\n"
        + "            traceDowncall(\"%s\"%s);\n".formatted(name, said)
        + "        }\n"
        + "        " + result(function.group("result"), call) + ";\n"
        + "    }\n";
  }

  private static String result(String type, String call) {
    return switch (type) {
      case "void" -> call;
      case "int" -> "return (int) " + call;
      case "long" -> "return " + call;
      case "boolean" -> "return WordCall.isTrue(" + call + ")";
      default -> "return WordCall.pointer(" + call + ")";
    };
  }

  private static List<Parameter> parameters(MatchResult function) {
    List<Parameter> parameters = new ArrayList<>();
    for (String parameter : function.group("parameters").split(",")) {
      String[] typeAndName = parameter.strip().split(" ");
      if (typeAndName.length == 2) {
        parameters.add(new Parameter(typeAndName[0], typeAndName[1]));
      }
    }
    return parameters;
  }

  private record Parameter(String type, String name) {
    String word() {
      return switch (type) {
        case "MemorySegment" -> name + ".address()";
        case "boolean" -> name + " ? 1 : 0";
        default -> name;
      };
    }
  }
}
