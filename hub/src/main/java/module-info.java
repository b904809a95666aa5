/** Models from Hugging Face's hub, in the cache that its Python client shares. */
module dev.vignette.hub {
  requires java.net.http;
  requires tools.jackson.core;
  requires static org.jspecify;

  exports dev.vignette.hub;
}
