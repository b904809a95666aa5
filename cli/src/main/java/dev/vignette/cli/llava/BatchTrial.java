package dev.vignette.cli.llava;

import dev.vignette.llava.BatchPlan;
import dev.vignette.llava.BatchSizing.Room;

/** Tries whether devices have room for a plan. */
interface BatchTrial {

  /**
   * Whether they have; what fails for another reason fails again, and is said, in the run itself.
   */
  boolean succeeds(BatchPlan plan, Room room);

  /** What the last trial that failed had to say. */
  String lastWords();
}
