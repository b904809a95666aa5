package dev.vignette.eval.tokenize;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Captions such as people and models write, thick with what is hard to tokenize; seeded. */
final class CaptionTexts {
  private static final String[] PLAIN = {
    "a man riding a wave on top of a surfboard", "two dogs play in the snow",
        "The kitchen is clean",
    "an old-fashioned black-and-white photo", "A close-up of a half-eaten sandwich", "people",
    "a giraffe standing next to a tree", "it looks like a street sign", "He wears a t-shirt",
  };

  private static final String[] HARD = {
    "K.",
    "U.S.",
    "J. K. Rowling",
    "etc.",
    "e.g.",
    "i.e.",
    "a.m.",
    "p.m.",
    "Ph.D.",
    "Mr.",
    "Dr.",
    "St.",
    "Ave.",
    "No. 5",
    "no. 5",
    "fig. 2",
    "pp. 5",
    "Inc.",
    "Co.",
    "Jan. 5",
    "vs.",
    "sq. ft.",
    "1,000.5",
    "$3.50",
    "US$5",
    "C$10",
    "€5",
    "£5",
    "5¢",
    "50%",
    "-5",
    "+3",
    ".5",
    "1/2",
    "1 1/2",
    "½",
    "3-1/2",
    "12/25/2014",
    "2014-12-25",
    "3:45",
    "10:30:15",
    "(555) 123-4567",
    "555-1234",
    "+44 20 7946 0958",
    "1-800-555-1234",
    "1st",
    "2nd",
    "1980's",
    "'90s",
    "’90s",
    "5'10\"",
    "4x4",
    "don't",
    "can't",
    "isn't",
    "it's",
    "dogs'",
    "dog's",
    "I'm",
    "he'll",
    "they've",
    "'tis",
    "y'all",
    "o'clock",
    "O'Reilly",
    "d'Artagnan",
    "l'eau",
    "ma'am",
    "rock'n'roll",
    "'em",
    "’s",
    "he’s",
    "cannot",
    "gonna",
    "Gimme",
    "http://www.example.com/a?b=c",
    "www.foo.com",
    "foo.com",
    "x.jpg",
    "IMG_123.jpg",
    "foo@bar.com",
    "@user",
    "#dog",
    "#1",
    "AT&T",
    "R&B",
    "C++",
    "C#",
    "and/or",
    "he/she/it",
    "w/",
    "10-year-old",
    "U.S.-based",
    "non-U.S.",
    "a_b",
    "__",
    "café",
    "naïve",
    "Straße",
    "ÉTÉ",
    "中文",
    "Кошка",
    "🐶",
    "👨‍👩‍👧",
    "\ud83d",
    "“quoted”",
    "‘single’",
    "«so»",
    "\"stop\"",
    "'go'",
    "``so''",
    "`",
    "''",
    "—",
    "–",
    "--",
    "---",
    "…",
    "...",
    "....",
    ". . .",
    "!!!",
    "?!",
    ":)",
    ";-)",
    ":D",
    "^_^",
    "(^_^)",
    "<3",
    "(small)",
    "[in]",
    "{a}",
    "(",
    ")",
    "/",
    "&amp;",
    "&lt;b&gt;",
    "&quot;x&quot;",
    "&apos;",
    "&nbsp;",
    "&#39;",
    "&eacute;",
    "<b>",
    "</b>",
    "<unk>",
    "<a href=\"x y\">",
    "*",
    "**",
    "_",
    "+",
    "=",
    "|",
    "\\",
    "^",
    "~",
    "°",
    "×",
    "™",
    "•",
    "\u00a0",
    "\u3000",
    "\u00ad",
    "\u200b",
    "\ufeff",
    "\u0085",
    "surf\u00adboard",
    "cafe\u0301",
    "end.Start",
    "Hello.World",
    "a.b.c",
    "2.",
    "3.5mm",
    "6-ft",
    "The",
    "It",
    "But",
    "A",
  };

  private static final String[] JOINTS = {
    " ", " ", " ", " ", "  ", "", ", ", ". ", "; ", ": ", "\n"
  };

  private final Random random;

  CaptionTexts(long seed) {
    random = new Random(seed);
  }

  /** Captions of one to eight pieces, some of which hold line breaks. */
  List<String> captions(int count) {
    List<String> captions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      captions.add(caption());
    }
    return captions;
  }

  private String caption() {
    StringBuilder caption = new StringBuilder();
    int pieces = 1 + random.nextInt(8);
    for (int i = 0; i < pieces; i++) {
      if (i > 0) {
        caption.append(one(JOINTS));
      }
      caption.append(one(random.nextInt(3) == 0 ? PLAIN : HARD));
    }
    if (random.nextBoolean()) {
      caption.append(one(new String[] {".", "!", "?", " ", "..", ".'", ".\"", "\r"}));
    }
    return caption.toString();
  }

  private String one(String[] from) {
    return from[random.nextInt(from.length)];
  }
}
