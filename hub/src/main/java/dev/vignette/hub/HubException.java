package dev.vignette.hub;

import java.io.IOException;

/** A model cannot be had from the hub; the message says why, and what to do. */
public final class HubException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Why a model cannot be had. */
  public enum Reason {
    /** The network may not be asked, and the cache lacks it. */
    OFFLINE,
    /** No connection to the hub, or it breaks again and again. */
    NO_NETWORK,
    /** The hub does not answer as a hub does. */
    PROTOCOL,
    /** The hub asks for a token, or refuses the one it got. */
    UNAUTHORIZED,
    /** Access must be asked for on the model's page. */
    GATED,
    /** The hub has closed the repository. */
    DISABLED,
    /** There is no such repository, or it is private. */
    NO_REPOSITORY,
    /** The repository has no such branch, tag or commit. */
    NO_REVISION,
    /** The repository has no such file, or none that serves. */
    NO_FILE,
    /** The hub asks to come back later, or is out of order. */
    BUSY,
    /** The file became another one while it was downloaded. */
    CHANGED,
    /** The content does not have the hash that the hub names. */
    WRONG_HASH,
    /** The disk cannot hold it. */
    DISK_FULL,
    /** The cache cannot be written. */
    NOT_WRITTEN,
    /** The name of a file would leave its folder. */
    UNSAFE_NAME
  }

  private final Reason reason;

  HubException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  HubException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why the model cannot be had. */
  public Reason reason() {
    return reason;
  }
}
