package dev.vignette.hub;

import dev.vignette.hub.HubException.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says in a sentence why the hub refused, by its status and its header {@code X-Error-Code}. */
record HubRefusal(HubSettings settings, ModelReference reference, Optional<String> path) {
  private static final int NAMED_FILES = 5;

  /** Returns if the reply is what was asked for, or a redirect. */
  void check(HubReply reply) throws HubException {
    if (reply.status() >= 400) {
      reply.close();
      throw of(reply);
    }
  }

  private HubException of(HubReply reply) {
    String code = reply.header("X-Error-Code").orElse("");
    String message = reply.header("X-Error-Message").orElse("");
    int status = reply.status();
    return switch (code) {
      case "GatedRepo" -> gated(status);
      case "RevisionNotFound" -> noRevision();
      case "EntryNotFound" -> noFile(List.of());
      case "RepoNotFound" -> noRepository(status);
      case "DisabledRepo" -> disabled();
      default -> {
        if (message.equals("Access to this resource is disabled.")) {
          yield disabled();
        }
        if (message.startsWith("Invalid credentials")) {
          yield badToken();
        }
        yield switch (status) {
          case 401 -> settings.token().isPresent() ? badToken() : noRepository(status);
          case 403 -> forbidden(message);
          case 404 -> path.isPresent() ? noFile(List.of()) : noRepository(status);
          default ->
              new HubException(
                  Reason.PROTOCOL,
                  "%s answers %d for %s%s; is it a hub? Check HF_ENDPOINT"
                      .formatted(
                          reply.uri().getHost(),
                          status,
                          subject(),
                          message.isEmpty() ? "" : " (" + message + ")"));
        };
      }
    };
  }

  private String subject() {
    return path.map(file -> reference.name() + "/" + file).orElse(reference.name().text());
  }

  private String page() {
    return settings.endpoint() + "/" + reference.name();
  }

  private HubException gated(int status) {
    String tokens = settings.endpoint() + "/settings/tokens";
    return new HubException(
        Reason.GATED,
        settings.token().isPresent() && status == 403
            ? "%s is gated, and this token's owner has no access yet: ask for it on %s%s"
                .formatted(reference.name(), page(), unsentToken())
            : "%s is gated: ask for access on %s, then set HF_TOKEN to a token from %s%s"
                .formatted(reference.name(), page(), tokens, unsentToken()));
  }

  private HubException noRepository(int status) {
    String rule =
        status == 401 && settings.token().isEmpty()
            ? "There is no repository %s on %s, or it is private (the hub does not say which)."
                + " Check the name; for a private one set HF_TOKEN%s"
            : "There is no repository %s on %s that may be seen. Check the name, and for a private"
                + " one that HF_TOKEN belongs to somebody with access%s";
    return new HubException(
        Reason.NO_REPOSITORY, rule.formatted(reference.name(), settings.endpoint(), unsentToken()));
  }

  private HubException badToken() {
    return new HubException(
        Reason.UNAUTHORIZED,
        "%s refuses the token (HF_TOKEN, or the file token in HF_HOME): make a new one on %s/settings/tokens, or unset it%s"
            .formatted(settings.endpoint().getHost(), settings.endpoint(), unsentToken()));
  }

  private HubException forbidden(String message) {
    return new HubException(
        Reason.UNAUTHORIZED,
        "%s may not be read%s: check what the token of HF_TOKEN may do, on %s/settings/tokens%s"
            .formatted(
                subject(),
                message.isEmpty() ? "" : " (" + message + ")",
                settings.endpoint(),
                unsentToken()));
  }

  private HubException disabled() {
    return new HubException(
        Reason.DISABLED,
        "%s is disabled on the hub: nobody can download it; see %s"
            .formatted(reference.name(), page()));
  }

  private HubException noRevision() {
    return new HubException(
        Reason.NO_REVISION,
        "%s has no revision '%s': give a branch, a tag or a commit of %s/commits"
            .formatted(reference.name(), reference.revision(), page()));
  }

  /** The path is not among the repository's files; names the nearest. */
  HubException noFile(List<String> files) {
    String wanted = path.orElse("");
    String near =
        files.stream()
            .sorted(Comparator.comparingInt((String file) -> distance(file, wanted)))
            .limit(NAMED_FILES)
            .collect(Collectors.joining(", "));
    return new HubException(
        Reason.NO_FILE,
        "%s has no file '%s' at %s%s"
            .formatted(
                reference.name(),
                wanted,
                reference.revision(),
                near.isEmpty() ? "; see " + page() + "/tree/main" : "; it has " + near));
  }

  private String unsentToken() {
    boolean unsent =
        settings.token().isPresent() && HubSettings.isOpenlyReadable(settings.endpoint());
    return unsent
        ? ". (The token was not sent: HF_ENDPOINT is plain http, where it could be read on the"
            + " way.)"
        : "";
  }

  /** Levenshtein's distance, letters of either case being equal. */
  private static int distance(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
