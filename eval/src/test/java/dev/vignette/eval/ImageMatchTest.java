package dev.vignette.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.CocoCaptions.Image;
import dev.vignette.captions.Predictions;
import dev.vignette.captions.Predictions.Keys;
import dev.vignette.eval.EvalInputs.ImageMatch;
import dev.vignette.eval.EvalInputs.ScoredImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class ImageMatchTest {

  private static CocoCaptions annotations(Image... images) {
    SequencedMap<String, Image> byId = new LinkedHashMap<>();
    for (Image image : images) {
      byId.put(image.id(), image);
    }
    return new CocoCaptions(byId);
  }

  private static Image image(long id, String file) {
    return new Image(id, file, List.of("a reference"));
  }

  private static Predictions predictions(Keys keys, String... names) {
    SequencedMap<String, String> captions = new LinkedHashMap<>();
    for (String name : names) {
      captions.put(name, "caption of " + name);
    }
    return new Predictions(keys, captions);
  }

  private static List<String> matched(ImageMatch match) {
    return match.matched().stream()
        .map(image -> image.image().id() + " " + image.caption())
        .toList();
  }

  private static final CocoCaptions COCO =
      annotations(
          image(42, "000000000042.jpg"),
          image(7, "COCO_val2014_000000000007.jpg"),
          image(9, "val/dog.photo.png"));

  @Test
  void imagesAreNamedByStem() {
    ImageMatch match =
        ImageMatch.of(
            predictions(Keys.FILE, "dog.photo", "COCO_val2014_000000000007", "000000000042"), COCO);
    assertThat(matched(match))
        .containsExactly(
            "42 caption of 000000000042",
            "7 caption of COCO_val2014_000000000007",
            "9 caption of dog.photo");
    assertThat(match.matched()).extracting(ScoredImage::place).containsExactly(2, 1, 0);
    assertThat(match.complaints()).isEmpty();
  }

  @Test
  void imagesAreNamedByFileNameOrPath() {
    ImageMatch match =
        ImageMatch.of(
            predictions(
                Keys.FILE,
                "elsewhere/000000000042.png",
                "COCO_val2014_000000000007.jpg",
                "dog.photo.png"),
            COCO);
    assertThat(match.matched())
        .extracting(image -> image.image().id())
        .containsExactly("42", "7", "9");
  }

  @Test
  void imagesAreNamedByNumber() {
    ImageMatch match = ImageMatch.of(predictions(Keys.FILE, "42", "000000000007", "9"), COCO);
    assertThat(match.matched())
        .extracting(image -> image.image().id())
        .containsExactly("42", "7", "9");
    assertThat(ImageMatch.of(predictions(Keys.FILE, "COCO_test2015_000000000042"), COCO).matched())
        .hasSize(1);
  }

  @Test
  void anImageIdIsNotTakenForAFileNamedByANumber() {
    CocoCaptions crossed = annotations(image(1, "2.jpg"), image(2, "1.jpg"));
    assertThat(matched(ImageMatch.of(predictions(Keys.IMAGE_ID, "1"), crossed)))
        .containsExactly("1 caption of 1");
    assertThat(matched(ImageMatch.of(predictions(Keys.FILE, "1"), crossed)))
        .containsExactly("2 caption of 1");
  }

  @Test
  void idsThatAreTextsNameTheirImagesInEveryForm() {
    CocoCaptions named =
        annotations(
            new Image("dog", "x/1.jpg", List.of("a reference")),
            new Image("000000000042.jpg", "000000000042.jpg", List.of("a reference")));
    for (Keys keys : Keys.values()) {
      assertThat(matched(ImageMatch.of(predictions(keys, "dog", "000000000042.jpg"), named)))
          .containsExactly("dog caption of dog", "000000000042.jpg caption of 000000000042.jpg");
    }
    assertThat(matched(ImageMatch.of(predictions(Keys.FILE, "1", "000000000042"), named)))
        .containsExactly("dog caption of 1", "000000000042.jpg caption of 000000000042");
  }

  @Test
  void aStemOfTwoImagesNamesNeither() {
    CocoCaptions twice = annotations(image(1, "a/x.jpg"), image(2, "b/x.jpg"), image(3, "y.jpg"));
    ImageMatch match = ImageMatch.of(predictions(Keys.FILE, "x", "y"), twice);
    assertThat(match.extra()).containsExactly("x");
    assertThat(matched(match)).containsExactly("3 caption of y");
    assertThat(matched(ImageMatch.of(predictions(Keys.FILE, "a/x.jpg"), twice)))
        .containsExactly("1 caption of a/x.jpg");
  }

  @Test
  void whatDoesNotMatchIsNamedByTheFirstTenAndTheirNumber() {
    Image[] images = new Image[14];
    for (int i = 0; i < images.length; i++) {
      images[i] = image(100 + i, "image" + (char) ('a' + i) + ".jpg");
    }
    images[13] = new Image(113, "bare.jpg", List.of());
    ImageMatch match =
        ImageMatch.of(
            predictions(Keys.FILE, "imagea", "100", "bare", "nowhere"), annotations(images));
    assertThat(match.matched()).isEmpty();
    assertThat(match.complaints())
        .containsExactly(
            "images without a prediction (12): imageb, imagec, imaged, imagee, imagef, imageg,"
                + " imageh, imagei, imagej, imagek, … and 2 more",
            "predictions of no image of the annotations (1): nowhere",
            "images with several predictions (1): imagea (as imagea, 100)",
            "images with a prediction and no reference (1): bare");
  }

  @Test
  void anImageWithoutReferencesIsNotMissed() {
    CocoCaptions bare = annotations(image(1, "a.jpg"), new Image(2, "b.jpg", List.of()));
    assertThat(ImageMatch.of(predictions(Keys.FILE, "a"), bare).complaints()).isEmpty();
  }
}
