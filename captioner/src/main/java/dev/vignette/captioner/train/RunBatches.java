package dev.vignette.captioner.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.vignette.captioner.model.BatchAssembler;
import dev.vignette.captioner.model.TrainingBatch;
import dev.vignette.torch.ReusableBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The batches of an epoch: whole ones, in the epoch's order; the rest waits for the next epoch.
 *
 * @param samples what is learnt
 * @param features encoded images
 * @param assembler lays captions out
 * @param order of the epochs
 * @param size images of a batch
 * @param rows of an encoded image, P
 * @param width channels of a row, W
 * @param buffer of encoded images; those of one batch must be closed before the next
 */
record RunBatches(
    List<Sample> samples,
    FeatureStore features,
    BatchAssembler assembler,
    EpochOrder order,
    int size,
    int rows,
    int width,
    ReusableBuffer buffer) {
  /** Batches of an epoch; fewer samples than a batch make one. */
  int count() {
    return Math.max(1, samples.size() / size);
  }

  /** Builds a batch. */
  TrainingBatch batch(NDManager owner, List<Integer> epochOrder, int index) throws IOException {
    int start = index * size;
    List<Sample> chosen =
        epochOrder.subList(start, Math.min(samples.size(), start + size)).stream()
            .map(samples::get)
            .toList();
    return assembler.assemble(
        owner, encoded(owner, chosen), chosen.stream().map(Sample::tokens).toList());
  }

  /** The encoded images of samples, (B, P, W), in the store's number format. */
  NDArray encoded(NDManager owner, List<Sample> chosen) throws IOException {
    Shape shape = new Shape(chosen.size(), rows, width);
    DataType type = features.type();
    ByteBuffer bytes = buffer.ofBytes(Math.toIntExact(shape.size() * type.getNumOfBytes()));
    for (Sample sample : chosen) {
      features.read(sample.hash(), bytes);
    }
    return owner.create(bytes.flip(), shape, type);
  }
}
