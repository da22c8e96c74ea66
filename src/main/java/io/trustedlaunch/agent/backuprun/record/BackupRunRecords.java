package io.trustedlaunch.agent.backuprun.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.trustedlaunch.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file a run, in a folder for root only; one for each guest that an ended run may have left frozen; and one for each run whose
 * files its backup location still has. What was saved survives a power cut. A failure is an {@link UncheckedIOException}.
 */
public final class BackupRunRecords {
    private static final Logger LOG = LoggerFactory.getLogger(BackupRunRecords.class);
    private static final String SUFFIX = ".json";
    private static final String FROZEN_SUFFIX = ".frozen";
    private static final String LEFT_SUFFIX = ".left";
    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private final Path folder;

    /** @param folder is made when it is needed */
    public BackupRunRecords(Path folder) {
        this.folder = folder;
    }

    /** Empty also for a damaged record: the run is then treated as one whose record was lost. */
    public Optional<BackupRunRecord> find(UUID run) {
        return read(run, file(run));
    }

    private static Optional<BackupRunRecord> read(UUID run, Path file) {
        try {
            return Optional.of(JSON.readValue(Files.readAllBytes(file), BackupRunRecord.class))
                    .filter(record -> run.equals(record.run()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            LOG.error("{} is damaged, and ignored: {}", file, e.getOriginalMessage());
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    public List<BackupRunRecord> all() {
        return ids(SUFFIX).stream().flatMap(run -> find(run).stream()).toList();
    }

    private List<UUID> ids(String suffix) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix) && !name.startsWith("."))
                    .map(name -> UUID.fromString(name.substring(0, name.length() - suffix.length())))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    public synchronized void save(BackupRunRecord record) {
        write(file(record.run()), record);
    }

    private void write(Path file, BackupRunRecord record) {
        try {
            Files.createDirectories(folder);
            DurableFiles.write(file, JSON.writeValueAsBytes(record));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e, e);
        }
    }

    /** The run must be on record. */
    public synchronized void update(UUID run, UnaryOperator<BackupRunRecord> change) {
        save(change.apply(require(run)));
    }

    public BackupRunRecord require(UUID run) {
        return find(run)
                .orElseThrow(() -> new IllegalStateException("the record of backup run " + run + " was removed"));
    }

    public synchronized void forget(UUID run) {
        remove(file(run));
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + file, e);
        }
    }

    /** This outlives the run: its location still has what it has written, which is no backup. */
    public void saveLeft(BackupRunRecord record) {
        write(leftFile(record.run()), record);
    }

    /** The runs of all VMs that have left something. */
    public List<BackupRunRecord> left() {
        return ids(LEFT_SUFFIX).stream()
                .flatMap(run -> read(run, leftFile(run)).stream())
                .toList();
    }

    public void forgetLeft(UUID run) {
        remove(leftFile(run));
    }

    /** This outlives the run that froze the guest: its agent has not confirmed that it is thawed. */
    public void saveFrozen(UUID vm) {
        try {
            DurableFiles.write(frozenFile(vm), new byte[0]);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + frozenFile(vm) + ": " + e, e);
        }
    }

    public boolean isFrozen(UUID vm) {
        return Files.exists(frozenFile(vm));
    }

    public void forgetFrozen(UUID vm) {
        remove(frozenFile(vm));
    }

    /** The VMs that have a record of any kind. */
    public Set<UUID> vms() {
        return Stream.concat(
                        ids(FROZEN_SUFFIX).stream(),
                        Stream.concat(all().stream(), left().stream()).map(BackupRunRecord::vm))
                .collect(Collectors.toSet());
    }

    private Path leftFile(UUID run) {
        return folder.resolve(run + LEFT_SUFFIX);
    }

    private Path frozenFile(UUID vm) {
        return folder.resolve(vm + FROZEN_SUFFIX);
    }

    public Path file(UUID run) {
        return folder.resolve(run + SUFFIX);
    }
}
