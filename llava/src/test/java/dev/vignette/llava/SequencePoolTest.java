package dev.vignette.llava;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.llava.LlavaBatch.SequencePool;
import org.junit.jupiter.api.Test;

class SequencePoolTest {

  @Test
  void theLowestIdsGoFirstAndComeAgain() {
    SequencePool pool = new SequencePool(1, 4, 100);
    assertThat(pool.take(2, 10)).hasValueSatisfying(ids -> assertThat(ids).containsExactly(1, 2));
    assertThat(pool.take(1, 10)).hasValueSatisfying(ids -> assertThat(ids).containsExactly(3));
    pool.giveBack(new int[] {1, 2}, 10);
    assertThat(pool.isFree(1)).isTrue();
    assertThat(pool.isFree(3)).isFalse();
    assertThat(pool.isFree(0)).as("an id below the first").isFalse();
    assertThat(pool.take(3, 10))
        .hasValueSatisfying(ids -> assertThat(ids).containsExactly(1, 2, 4));
  }

  @Test
  void whereIdsOrCellsDoNotSufficeNothingIsTaken() {
    SequencePool pool = new SequencePool(0, 2, 100);
    assertThat(pool.take(3, 1)).isEmpty();
    assertThat(pool.take(1, 101)).isEmpty();
    assertThat(pool.take(1, 60)).isPresent();
    assertThat(pool.take(1, 41)).as("cells that another holds").isEmpty();
    assertThat(pool.take(1, 40)).isPresent();
    pool.giveBack(new int[] {0}, 60);
    assertThat(pool.take(1, 60)).isPresent();
  }
}
