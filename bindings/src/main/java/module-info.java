/** llama.cpp through the Foreign Function and Memory API: owners, and no pointer in public. */
module dev.vignette.llama {
  requires dev.vignette.files;
  requires static org.jspecify;

  exports dev.vignette.llama;
}
