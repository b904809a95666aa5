package dev.vignette.hub;

import dev.vignette.hub.Repository.RemoteFile;
import dev.vignette.hub.Repository.RepositoryName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The folder that huggingface_hub keeps models in, laid out as it does (read in its version 2.0.0):
 * {@code models--owner--name/refs/main} holds a commit, {@code snapshots/COMMIT/path} is a relative
 * link to {@code blobs/HASH}, and {@code .no_exist/COMMIT/path} says that there is no such file. A
 * blob may itself be a link into a store that several repositories share; that store is read, and
 * never touched.
 */
public final class HubCache {
  private static final String LOCKS = ".locks";
  private static final String SNAPSHOTS = "snapshots";
  private static final String TAG_FILE = "CACHEDIR.TAG";
  private static final String TAG =
      """
      Signature: 8a477f597d28d172789f06886806bc55
      # This file is a cache directory tag.
      # For information about cache directory tags, see:
      #\thttps://bford.info/cachedir/
      """;
  private static final AtomicLong SERIAL = new AtomicLong();

  /** Makes a symbolic link. */
  @FunctionalInterface
  interface Linking {
    void link(Path link, Path target) throws IOException;
  }

  private final Path folder;
  private final Linking linking;

  /** The cache in a folder, which need not exist. */
  public HubCache(Path folder) {
    this(folder, Files::createSymbolicLink);
  }

  HubCache(Path folder, Linking linking) {
    this.folder = folder.toAbsolutePath();
    this.linking = linking;
  }

  /** Where it is. */
  public Path folder() {
    return folder;
  }

  private Path repository(RepositoryName name) {
    return folder.resolve(name.folder());
  }

  Path blob(RemoteFile file) {
    return repository(file.repository().name()).resolve("blobs").resolve(file.hash());
  }

  Path lock(RemoteFile file) {
    return folder
        .resolve(LOCKS)
        .resolve(file.repository().name().folder())
        .resolve(file.hash() + ".lock");
  }

  Path snapshot(Repository repository) {
    return repository(repository.name()).resolve(SNAPSHOTS).resolve(repository.commit());
  }

  /** The commit that a revision meant when it was last downloaded. */
  public Optional<String> commit(ModelReference reference) {
    Path ref = repository(reference.name()).resolve("refs").resolve(reference.revision());
    try {
      return Optional.of(Files.readString(ref, StandardCharsets.ISO_8859_1).strip())
          .filter(HubCache::isCommit);
    } catch (IOException none) {
      return Optional.of(reference.revision()).filter(HubCache::isCommit);
    }
  }

  private static boolean isCommit(String text) {
    return text.matches("[0-9a-f]{40}");
  }

  /** The folder of a model's files as far as they are there; nothing if none is. */
  public Optional<Path> snapshot(ModelReference reference) {
    return commit(reference)
        .map(commit -> repository(reference.name()).resolve(SNAPSHOTS).resolve(commit))
        .filter(Files::isDirectory);
  }

  /** Whether the snapshot has a file, whole. */
  boolean has(RemoteFile file) throws IOException {
    Path pointer = HubPaths.below(snapshot(file.repository()), file.path());
    return Files.isRegularFile(pointer) && Files.size(pointer) == file.bytes();
  }

  /** Whether the blob is there, whole. */
  boolean hasBlob(RemoteFile file) throws IOException {
    Path blob = blob(file);
    return Files.isRegularFile(blob) && Files.size(blob) == file.bytes();
  }

  /** Makes the folder, and says to backup programs what it is. */
  void create() throws IOException {
    requireFolder();
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(TAG_FILE), TAG, StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException tagged) {
      // Somebody did.
    } catch (IOException failure) {
      throw new HubException(
          HubException.Reason.NOT_WRITTEN,
          "The cache %s cannot be written (%s): give permission or make room, or name another folder in HF_HUB_CACHE"
              .formatted(folder, reason(failure)),
          failure);
    }
  }

  /**
   * Makes the snapshot's file lead to the blob; where links are not possible it takes the blob's
   * place if the blob is new, or else becomes a copy of it.
   */
  void point(RemoteFile file, boolean fresh) throws IOException {
    Path blob = blob(file);
    Path pointer = HubPaths.below(snapshot(file.repository()), file.path());
    Path place = Objects.requireNonNull(pointer.getParent());
    Files.createDirectories(place);
    Path temporary = temporary(pointer);
    try {
      try {
        linking.link(temporary, place.relativize(blob));
      } catch (UnsupportedOperationException | FileSystemException linkless) {
        if (fresh) {
          Files.move(blob, temporary);
        } else {
          Files.copy(blob, temporary);
        }
      }
      replace(temporary, pointer);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Remembers which commit a branch or tag means. */
  void remember(Repository repository) throws IOException {
    String revision = repository.reference().revision();
    if (revision.equals(repository.commit())) {
      return;
    }
    Path ref = HubPaths.below(repository(repository.name()).resolve("refs"), revision);
    Files.createDirectories(ref.getParent());
    Path temporary = temporary(ref);
    Files.writeString(temporary, repository.commit());
    replace(temporary, ref);
  }

  /** Remembers that a commit has no such file, which Python asks often. */
  void rememberAbsent(Repository repository, String path) throws IOException {
    Path mark =
        HubPaths.below(
            repository(repository.name()).resolve(".no_exist").resolve(repository.commit()), path);
    Files.createDirectories(mark.getParent());
    if (!Files.exists(mark)) {
      Files.createFile(mark);
    }
  }

  private static Path temporary(Path target) {
    return target.resolveSibling(
        ".%s.%d-%d.tmp"
            .formatted(
                target.getFileName(), ProcessHandle.current().pid(), SERIAL.incrementAndGet()));
  }

  private static void replace(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * What is there, in the order of the names: folders that can be removed, and no links to others.
   *
   * @throws IOException if it cannot be looked into, or is no folder
   */
  public List<CachedModel> models() throws IOException {
    List<CachedModel> models = new ArrayList<>();
    requireFolder();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> entries =
          Files.newDirectoryStream(
              folder, entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))) {
        for (Path entry : entries) {
          Optional<RepositoryName> name = RepositoryName.ofFolder(entry.getFileName().toString());
          if (name.isPresent()) {
            models.add(model(name.get(), entry));
          }
        }
      }
    }
    models.sort(Comparator.comparing(model -> model.name().text()));
    return models;
  }

  /** A folder in whose way a file lies can neither be listed nor made. */
  private void requireFolder() throws IOException {
    Path there = folder;
    while (there != null && Files.notExists(there, LinkOption.NOFOLLOW_LINKS)) {
      there = there.getParent();
    }
    if (there != null && !Files.isDirectory(there)) {
      throw new HubException(
          HubException.Reason.NOT_WRITTEN,
          "The cache of models is the folder %s, but %s is no folder; move it away, or name another folder in HF_HUB_CACHE or HF_HOME"
              .formatted(folder, there));
    }
  }

  private static CachedModel model(RepositoryName name, Path entry) throws IOException {
    List<CachedModel.Snapshot> snapshots = new ArrayList<>();
    Set<Object> counted = new HashSet<>();
    long bytes = 0;
    Path all = entry.resolve(SNAPSHOTS);
    if (Files.isDirectory(all)) {
      try (DirectoryStream<Path> commits = Files.newDirectoryStream(all, Files::isDirectory)) {
        for (Path commit : commits) {
          List<Path> files = files(commit);
          for (Path file : files) {
            Path content = file.toRealPath();
            bytes += counted.add(content) ? Files.size(content) : 0;
          }
          String hash = commit.getFileName().toString();
          snapshots.add(
              new CachedModel.Snapshot(hash, revisions(entry, hash), files.size(), commit));
        }
      }
    }
    snapshots.sort(Comparator.comparing(CachedModel.Snapshot::commit));
    return new CachedModel(name, entry, snapshots, bytes, unfinished(entry));
  }

  /** The files of a snapshot that are there; a link that leads nowhere is none. */
  private static List<Path> files(Path snapshot) throws IOException {
    try (Stream<Path> walk = Files.walk(snapshot)) {
      return walk.filter(Files::isRegularFile).toList();
    }
  }

  private static SortedSet<String> revisions(Path entry, String commit) throws IOException {
    SortedSet<String> revisions = new TreeSet<>();
    Path refs = entry.resolve("refs");
    if (Files.isDirectory(refs)) {
      try (Stream<Path> walk = Files.walk(refs)) {
        for (Path ref : walk.filter(Files::isRegularFile).toList()) {
          if (Files.readString(ref, StandardCharsets.ISO_8859_1).strip().equals(commit)) {
            revisions.add(refs.relativize(ref).toString());
          }
        }
      }
    }
    return revisions;
  }

  private static long unfinished(Path entry) throws IOException {
    long bytes = 0;
    Path blobs = entry.resolve("blobs");
    if (Files.isDirectory(blobs)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(blobs, PartialBlob::isLeftover)) {
        for (Path file : files) {
          bytes += Files.size(file);
        }
      }
    }
    return bytes;
  }

  /**
   * Removes a repository: all its commits, and what downloads left. Content in the store that
   * repositories share stays there.
   *
   * @throws HubException if the cache has none of it
   * @throws IOException if one of its files is being downloaded, or it cannot be removed
   */
  public void remove(RepositoryName name) throws IOException {
    Path entry = repository(name);
    if (!Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
      throw new HubException(
          HubException.Reason.NO_REPOSITORY,
          "The cache %s has no %s; 'vignette models' lists what it has".formatted(folder, name));
    }
    Path locks = folder.resolve(LOCKS).resolve(name.folder());
    List<ProcessFlock> held = new ArrayList<>();
    try {
      hold(name, locks, held);
      delete(entry);
      delete(locks);
    } catch (FileSystemException failure) {
      throw new HubException(
          HubException.Reason.NOT_WRITTEN,
          "%s cannot be removed from the cache %s (%s: %s): give permission, or let its owner remove it"
              .formatted(name, folder, failure.getFile(), reason(failure)),
          failure);
    } finally {
      held.forEach(ProcessFlock::close);
    }
  }

  private static String reason(IOException failure) {
    return switch (failure) {
      case AccessDeniedException _ -> "no permission";
      case FileSystemException system when system.getReason() != null -> system.getReason();
      default -> String.valueOf(failure.getMessage());
    };
  }

  private static void hold(RepositoryName name, Path locks, List<ProcessFlock> held)
      throws IOException {
    if (!Files.isDirectory(locks)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(locks, "*.lock")) {
      for (Path file : files) {
        held.add(
            ProcessFlock.tryLock(file)
                .orElseThrow(() ->
                    new HubException(
                        HubException.Reason.BUSY,
                        name + " is being downloaded: stop that first, or wait for its end")));
      }
    }
  }

  /** Deletes a folder; links are deleted, never followed. */
  private static void delete(Path top) throws IOException {
    if (Files.isDirectory(top, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(top)) {
        for (Path entry : entries) {
          delete(entry);
        }
      } catch (DirectoryIteratorException failure) {
        throw failure.getCause();
      }
    }
    Files.deleteIfExists(top);
  }

  /**
   * A repository of which the cache holds something.
   *
   * @param folder where it lies
   * @param snapshots the commits of which there are files
   * @param bytes what its content takes, each file counted once
   * @param unfinishedBytes what downloads left that did not end
   */
  public record CachedModel(
      RepositoryName name,
      Path folder,
      List<Snapshot> snapshots,
      long bytes,
      long unfinishedBytes) {

    /**
     * The files of a commit.
     *
     * @param revisions branches and tags that mean it
     */
    public record Snapshot(String commit, SortedSet<String> revisions, int files, Path folder) {}

    public CachedModel {
      snapshots = List.copyOf(snapshots);
    }
  }
}
