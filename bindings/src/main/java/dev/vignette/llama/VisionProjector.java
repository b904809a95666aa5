package dev.vignette.llama;

import dev.vignette.llama.internal.NativeHandle;
import dev.vignette.llama.internal.NativeLog;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.mtmd_context_params;
import dev.vignette.llama.internal.ffi.mtmd_input_text;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The vision tower and projector of a multimodal model (its mmproj file): pixels in, embeddings of
 * the language model out.
 *
 * <p>Confined to the thread that loaded it, as a context is: an encoded image is read from its
 * memory.
 */
public final class VisionProjector implements AutoCloseable {

  private static final int FINITE_ROWS = 16;

  private static final int TOKENIZE_OK = 0;

  private final Path file;
  private final int width;
  private final NativeHandle handle;
  private final LlamaModel model;
  private final int imageSize;
  private final Thread owner = Thread.currentThread();
  private long serial;
  private MemorySegment batch = MemorySegment.NULL;

  private VisionProjector(
      Path file, NativeHandle handle, LlamaModel model, int width, int imageSize) {
    this.file = file;
    this.model = model;
    this.width = width;
    this.handle = handle;
    this.imageSize = imageSize;
  }

  /**
   * Loads an mmproj file for a language model, on the device of that model.
   *
   * @param imageSize the side of the tower's square input in pixels, as the file says
   * @param threads processor threads, 1 to 512
   * @throws LlamaException if llama.cpp refuses the file, with what it logged
   */
  public static VisionProjector load(Path file, int imageSize, LlamaModel model, int threads) {
    if (threads < 1 || threads > ContextOptions.MAX_THREADS) {
      throw new IllegalArgumentException("threads are 1 to 512, not " + threads);
    }
    NativeLog.forget();
    int width = model.embeddingLength();
    model.handle().retain();
    try {
      NativeHandle handle =
          NativeHandle.confined(
              "projector '" + file + "'", create(file, model, threads), LlamaCpp::mtmd_free);
      return new VisionProjector(file, handle, model, width, imageSize);
    } catch (Throwable e) {
      model.handle().release();
      throw e;
    }
  }

  private static MemorySegment create(Path file, LlamaModel model, int threads) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment params = LlamaCpp.mtmd_context_params_default(arena);
      boolean gpu =
          !(model.options().device() instanceof DeviceRequest.Cpu)
              && model.options().gpuLayers() != 0;
      mtmd_context_params.use_gpu(params, gpu);
      mtmd_context_params.device(
          params,
          LlamaRuntime.deviceArray(model.options().device(), arena).get(ValueLayout.ADDRESS, 0));
      mtmd_context_params.print_timings(params, false);
      mtmd_context_params.warmup(params, false);
      mtmd_context_params.batch_max_tokens(params, Integer.MAX_VALUE);
      mtmd_context_params.n_threads(params, threads);
      MemorySegment context =
          LlamaCpp.mtmd_init_from_file(
              arena.allocateFrom(file.toString()), model.handle().pointer(), params);
      if (context.equals(MemorySegment.NULL)) {
        throw new LlamaException(
            "llama.cpp could not load the vision projector '%s'; %s"
                .formatted(file, NativeLog.recent()));
      }
      return context;
    }
  }

  /** The side of the square image it takes, in pixels. */
  public int imageSize() {
    return imageSize;
  }

  /**
   * Encodes an image of the tower's size.
   *
   * @param rgb (imageSize, imageSize, 3) bytes, row by row, red first; normalised by the projector
   *     itself
   * @return rows (tokens, width), valid until the next image is encoded
   * @throws IllegalArgumentException if the array is not of that size
   * @throws LlamaException if the native side fails, or what it computes is not a number
   */
  public ImageEmbedding encode(byte[] rgb) {
    requireSize(rgb);
    requireOwner();
    MemorySegment context = handle.pointer();
    forget();
    MemorySegment chunks = LlamaCpp.mtmd_input_chunks_init();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment image = tokenizeImage(context, chunks, rgb, arena);
      NativeLog.forget();
      long began = System.nanoTime();
      int code = LlamaCpp.mtmd_encode_chunk(context, image);
      LlamaRuntime.addNative(began);
      if (code != 0) {
        throw new LlamaException("the image could not be encoded; " + NativeLog.recent());
      }
      int tokens = Math.toIntExact(LlamaCpp.mtmd_input_chunk_get_n_tokens(image));
      return finite(
          new ImageEmbedding(this, serial, LlamaCpp.mtmd_get_output_embd(context), tokens, width));
    } finally {
      LlamaCpp.mtmd_input_chunks_free(chunks);
    }
  }

  /**
   * Encodes images together, which a GPU does in a fraction of the time; on the processor each has
   * the bits it has alone.
   *
   * @param images at least one, each as {@link #encode(byte[])} takes it
   * @return rows (tokens, width) an image, in their order and one behind the other in memory, valid
   *     until the next encoding
   * @throws IllegalArgumentException if an array is not of the tower's size
   * @throws LlamaException if the native side fails, or what it computes is not a number
   */
  public List<ImageEmbedding> encode(List<byte[]> images) {
    if (images.size() == 1) {
      return List.of(encode(images.getFirst()));
    }
    images.forEach(this::requireSize);
    requireOwner();
    MemorySegment context = handle.pointer();
    forget();
    batch = LlamaCpp.mtmd_batch_init(context);
    List<MemorySegment> chunks = new ArrayList<>(images.size());
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> parts = new ArrayList<>(images.size());
      for (byte[] rgb : images) {
        chunks.add(LlamaCpp.mtmd_input_chunks_init());
        parts.add(tokenizeImage(context, chunks.getLast(), rgb, arena));
        int code = LlamaCpp.mtmd_batch_add_chunk(batch, parts.getLast());
        if (code != 0) {
          throw new LlamaException(
              "an image cannot join a batch of %d (code %d); %s"
                  .formatted(parts.size() - 1, code, NativeLog.recent()));
        }
      }
      NativeLog.forget();
      long began = System.nanoTime();
      int code = LlamaCpp.mtmd_batch_encode(batch);
      LlamaRuntime.addNative(began);
      if (code != 0) {
        throw new LlamaException("the images could not be encoded; " + NativeLog.recent());
      }
      return parts.stream().map(this::embeddingOf).toList();
    } finally {
      chunks.forEach(LlamaCpp::mtmd_input_chunks_free);
    }
  }

  private ImageEmbedding embeddingOf(MemorySegment part) {
    int tokens = Math.toIntExact(LlamaCpp.mtmd_input_chunk_get_n_tokens(part));
    return finite(
        new ImageEmbedding(
            this, serial, LlamaCpp.mtmd_batch_get_output_embd(batch, part), tokens, width));
  }

  /**
   * Refuses what is not a number here: the language model would be blamed for it later. Sixteen
   * rows are looked at, since attention spreads what is not a number over all of them, and so does
   * a projector's damaged weight.
   */
  private ImageEmbedding finite(ImageEmbedding image) {
    MemorySegment rows = image.rows();
    int step = Math.max(1, image.tokenCount() / FINITE_ROWS);
    float zeros = 0;
    for (int row = 0; row < image.tokenCount(); row += step) {
      for (int i = 0; i < width; i++) {
        // 0 for a finite number, else not a number
        zeros += 0 * rows.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * width + i);
      }
    }
    if (Float.isNaN(zeros)) {
      throw new LlamaException(
          "the projector '%s' computes features that are not numbers: its file is damaged, or its weights are too large for this precision; get the file again, or take another precision"
              .formatted(file));
    }
    return image;
  }

  /** Gives up what was encoded before. */
  private void forget() {
    serial++;
    if (!batch.equals(MemorySegment.NULL)) {
      LlamaCpp.mtmd_batch_free(batch);
      batch = MemorySegment.NULL;
    }
  }

  private void requireSize(byte[] rgb) {
    int expected = 3 * imageSize * imageSize;
    if (rgb.length != expected) {
      throw new IllegalArgumentException(
          "an image for this projector is %1$d x %1$d pixels, %2$d bytes, not %3$d bytes"
              .formatted(imageSize, expected, rgb.length));
    }
  }

  private void requireOwner() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException(
          "this projector belongs to thread '%s' and was used by '%s'; load one for each thread"
              .formatted(owner.getName(), Thread.currentThread().getName()));
    }
  }

  /** Refuses an image that is no longer in the projector's memory. */
  void requireCurrent(long imageSerial) {
    requireOwner();
    handle.pointer();
    if (imageSerial != serial) {
      throw new IllegalStateException(
          "the projector has encoded another image since; decode an image before encoding the next");
    }
  }

  /** The chunk of the one image in a prompt that is nothing but the image's mark. */
  private static MemorySegment tokenizeImage(
      MemorySegment context, MemorySegment chunks, byte[] rgb, Arena arena) {
    int side = (int) Math.round(Math.sqrt(rgb.length / 3.0));
    MemorySegment pixels = arena.allocateFrom(ValueLayout.JAVA_BYTE, rgb);
    long began = System.nanoTime();
    MemorySegment bitmap = LlamaCpp.mtmd_bitmap_init(side, side, pixels);
    LlamaRuntime.addNative(began);
    try {
      MemorySegment bitmaps = arena.allocateFrom(ValueLayout.ADDRESS, bitmap);
      MemorySegment text = marker(arena);
      long tokenizing = System.nanoTime();
      int code = LlamaCpp.mtmd_tokenize(context, chunks, text, bitmaps, 1);
      LlamaRuntime.addNative(tokenizing);
      if (code != TOKENIZE_OK) {
        throw new LlamaException(
            "the image could not be prepared (code %d); %s".formatted(code, NativeLog.recent()));
      }
    } finally {
      LlamaCpp.mtmd_bitmap_free(bitmap);
    }
    for (long i = 0; i < LlamaCpp.mtmd_input_chunks_size(chunks); i++) {
      MemorySegment chunk = LlamaCpp.mtmd_input_chunks_get(chunks, i);
      if (LlamaCpp.mtmd_input_chunk_get_type(chunk) == LlamaCpp.MTMD_INPUT_CHUNK_TYPE_IMAGE()) {
        return chunk;
      }
    }
    throw new LlamaException("the projector made no image tokens of this image");
  }

  private static MemorySegment marker(Arena arena) {
    MemorySegment marker = LlamaCpp.mtmd_default_marker();
    MemorySegment text = mtmd_input_text.allocate(arena);
    mtmd_input_text.text(text, marker);
    mtmd_input_text.text_len(text, marker.getString(0, StandardCharsets.UTF_8).length());
    mtmd_input_text.add_special(text, false);
    mtmd_input_text.parse_special(text, true);
    return text;
  }

  @Override
  public void close() {
    requireOwner();
    forget();
    if (handle.close()) {
      model.handle().release();
    }
  }

  /**
   * An image as the language model sees it: rows (tokens, width) of float.
   *
   * <p>A view of the projector's output, not a copy (10 MB in LLaVA-1.5-7B): valid until the
   * projector encodes the next image or is closed, an {@link IllegalStateException} afterwards.
   */
  public static final class ImageEmbedding {

    private final VisionProjector projector;
    private final long serial;
    private final MemorySegment rows;
    private final int tokenCount;
    private final int width;

    /**
     * @param serial the projector's number of this image
     * @param output where the projector wrote it
     */
    ImageEmbedding(
        VisionProjector projector, long serial, MemorySegment output, int tokenCount, int width) {
      this.projector = projector;
      this.serial = serial;
      this.rows = output.reinterpret((long) tokenCount * width * Float.BYTES);
      this.tokenCount = tokenCount;
      this.width = width;
    }

    MemorySegment rows() {
      projector.requireCurrent(serial);
      return rows;
    }

    /** Positions the image takes in a prompt: 576 in LLaVA-1.5. */
    public int tokenCount() {
      return tokenCount;
    }

    /** The width of the language model's embeddings: 4096 in LLaVA-1.5-7B. */
    public int width() {
      return width;
    }

    /** A copy as an array (tokens * width), row by row. */
    public float[] toArray() {
      return rows().toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
