package dev.vignette.eval.tokenize;

import java.util.HashMap;
import java.util.Map;

/** What the token rules are built of, in the notation of {@link RuleParser}. */
final class RulePieces {
  private static final Map<String, String> PIECES = new HashMap<>();

  /** Before a name: the period never ends a sentence. */
  private static final String TITLES =
      "adj|adm|adv|alex|assoc|asst|attys?|ave|brig|capt|cf|cie|cmdr|col|comdr|cpl|dept|det|drs?"
          + "|elec|ens|ft|gen|govs?|hon|insp|invt|jos|lieut|lt|maj|messrs|mlle|mme|mr|mrs|ms|msgr"
          + "|mt|natl|pfc|ph|pres|profs?|pvt|reps?|rev|sens?|sfc|sgt|spc|st|ste|supts?|treas|vs|wm";

  /** The period may end a sentence too. */
  private static final String ABBREVIATIONS =
      "al|ala|apr|ariz|assn|aug|bhd|bldg|blvd|bros|calif|co|colo|conn|corp|cos|ct|dak|dec|esq|est"
          + "|etc|ext|feb|fla|fri|ga|inc|ind|intl|jan|jr|jul|jun|kan|kans|ky|ltd|mar|md|mich|minn"
          + "|mo|mon|mont|neb|nev|nov|oct|okla|penn|plc|rd|rt|sep|sept|seq|sq|sr|sys|tel|tenn|thu"
          + "|thurs|tue|tues|univ|va|vt|wed|wis|wisc|wyo";

  static {
    characters();
    words();
    numbers();
    addresses();
    abbreviations();
    sentences();
  }

  private RulePieces() {}

  /** All pieces by name. */
  static Map<String, String> all() {
    return PIECES;
  }

  private static void characters() {
    piece("letter", "[a-zA-Z\u00e9\u00c9]");
    piece("digit", "[0-9\u0660]");
    piece("accented", "&[aeiouAEIOU](?i:acute|grave|uml);");
    piece("apostrophe", "('|\u2019|(?i:&apos;))");
    piece("quote", "(['`\u2018\u2019]|(?i:&apos;))");
    piece("comma", "[,:;\u3001]");
    piece("space", "[ \t\u00a0\u3000]");
    piece("blank", "[ \t\u00a0\u3000\n\r\u000b\f\u2028\u0085]");
  }

  private static void words() {
    piece("in-word", "({letter}|[\u0301\u00ad]|{accented})");
    piece("word", "{in-word}({in-word}|{digit})*");
    piece("dotted", "{word}([.!?]{word})+");
    piece("clitic", "([sSmMdD]|(?i:ll|re|ve))");
    // O'Reilly-d'Arc_1: letters and digits joined, each part perhaps after d', l' or o'.
    piece("part", "([dDlLoO]{quote}({letter}|{digit}))?({letter}|{digit})+");
    piece("joined", "{part}([-_\u2010]{part})*");
    piece("acronym", "[A-Za-z](\\.[A-Za-z])+\\.");
    // U.S.-based, 3.5-inch, non-U.S.
    piece("hyphenated", "[A-Za-z0-9][A-Za-z0-9.,\u00ad]*(-([A-Za-z0-9\u00ad]+|{acronym}))+");
    piece("slash-part", "[A-Za-z0-9]+(-[A-Za-z]+){0,2}");
    piece("ampersand", "[A-Z]+((&|(?i:&amp;)|\\+)[A-Z]+)+");
    piece("short", "(?i:e'er|li'l|nat'l|nor'easter|s'mores|ev'ry|c'mon)");
    piece("short-end", "(?i:ol|dunkin|somethin)");
  }

  private static void numbers() {
    piece("number", "({digit}+|{digit}*([.:,\u00ad\u066b]{digit}+)+)");
    piece(
        "area", "(\\([0-9]{2,3}\\)[ \u00a0]?|\\+{0,2}[0-9]{2,4}[- \u00a0]([0-9]{2,4}[- \u00a0])?)");
    piece("phone", "{area}[0-9]{3,4}[- \u00a0]?[0-9]{3,5}");
  }

  private static void addresses() {
    piece("name", "[a-zA-Z][a-zA-Z0-9_.:-]*");
    piece("attribute", "{name}( *= *(\"[^\"]*\"|'[^']*'))?");
    piece("tag", "<([!?][A-Za-z-][^>\r\n]*|/{name} *|{name}( +{attribute})* */? *)>");
    piece("url-char", "[^ \t\n\f\r\"<>|(){}]");
    piece("url-end", "[^ \t\n\f\r\"<>|(){}.!?,-]");
    piece("path", "/[^ \t\n\f\r\"<>|()]+{url-end}");
    piece("www", "(?i:www)\\.([^ \t\n\f\r\"<>|(){}.!?,]+\\.)+[a-zA-Z]{2,4}");
    piece("site", "([^\t\n\f\r !\"$'(),-_`{|}]+\\.)+(?i:com|net|org|edu)");
    piece("mail-char", "[^ \t\n\f\r\"<>|(){}\u00a0]");
    piece("mail-host", "([^ \t\n\f\r\"<>|(){}\u00a0.]+\\.)*[^ \t\n\f\r\"<>|(){}\u00a0.]+");
    piece("file-part", "({in-word}|{digit})+");
    piece(
        "file-type",
        "(?i:bat|bmp|c|cgi|class|cpp|dll|docx?|exe|gif|gz|h|html?|jar|java|jpe?g|mov|mp3|pdf|php|pl"
            + "|png|ppt|ps|py|sql|tar|txt|wav|x|xml|zip)");
    piece("eye", "[-^x=~<>']");
  }

  private static void abbreviations() {
    piece("title", "((?i:" + TITLES + ")|[mM][ft][gG])");
    piece(
        "abbreviation",
        "((?i:"
            + ABBREVIATIONS
            + "|ed\\.d|ph\\.d)|A(?i:rk|z)|D(?i:el)|I(?i:ll)|L(?i:a)|M(?i:ass|iss)"
            + "|O(?i:re)|P(?i:a)|T(?i:ex)|W(?i:ash)|[pP]?[pP][tT][ey][sS]?)");
    piece("relation", "(?i:(canada|eu|japan|korean|non|sino)-u\\.s\\.)");
    piece("counted", "(?i:art|bldg|ca|figs?|nos?|op|pp|prop)");
  }

  private static void sentences() {
    piece("sentence-end", "({blank}{blank}+|{blank}+([A-Z\u00c9\u2160\u24b6]|{tag}))");
    piece(
        "starter",
        "(A(?i:|bout|ccording|dditionally|fter|n|s|t)|B(?i:ut)|E(?i:arlier)|H(?i:e|er|ere|owever)"
            + "|I(?i:f|n|t)|L(?i:ast)|M(?i:any|ore|r\\.|s\\.)|N(?i:ow)|O(?i:nce|ne|ther|ur)"
            + "|S(?i:he|ince|o|ome|uch)|T(?i:hat|he|heir|hen|here|hese|hey|his)"
            + "|W(?i:e|hat|hen|hile)|Y(?i:et|ou))");
    piece("sentence-start", "{blank}+({starter}|{tag}){blank}");
  }

  private static void piece(String name, String pattern) {
    PIECES.put(name, pattern);
  }
}
