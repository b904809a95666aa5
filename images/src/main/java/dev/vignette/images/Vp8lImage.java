package dev.vignette.images;

/** Pixels of a lossless WebP picture: alpha, red, green and blue in an int; (height, width). */
record Vp8lImage(int width, int height, int[] argb) {}
