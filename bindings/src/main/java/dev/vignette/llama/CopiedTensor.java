package dev.vignette.llama;

/**
 * A tensor as it stood in the graph.
 *
 * @param name llama.cpp's name of the node
 * @param shape sizes in ggml's order, the fastest first; always four
 * @param values all elements, the first dimension fastest
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of bulk data, handed over once
public record CopiedTensor(String name, long[] shape, float[] values) {}
