package dev.vignette.llama;

/**
 * A device that the loaded native build can compute on.
 *
 * @param name the name llama.cpp gives it, such as {@code CPU} or {@code CUDA0}
 * @param description what it is, such as the processor's or the card's name
 * @param gpu whether it is an accelerator
 * @param freeBytes memory free on it now
 * @param totalBytes memory it has
 */
public record Device(
    String name, String description, boolean gpu, long freeBytes, long totalBytes) {}
