/** LLaVA-1.5 and JoyCaption through llama.cpp. */
module dev.vignette.llava {
  requires transitive dev.vignette.attention;
  requires transitive dev.vignette.captions;
  requires transitive dev.vignette.decoding;
  requires transitive dev.vignette.images;
  requires transitive dev.vignette.llama;
  requires transitive dev.vignette.weights;
  requires dev.vignette.files;
  requires static org.jspecify;

  exports dev.vignette.llava;
  exports dev.vignette.llava.convert;
}
