package io.trustedlaunch.agent.incarnation.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.trustedlaunch.agent.incarnation.record.RecordLookup.Damaged;
import io.trustedlaunch.agent.incarnation.record.RecordLookup.Found;
import io.trustedlaunch.agent.incarnation.record.RecordLookup.Missing;
import io.trustedlaunch.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** One file a VM in a root-only folder. What a change has written survives a power cut. */
public final class VmRecordStore {
    /** Counts up with every change of the record's fields. No other format is read: its meaning would be a guess. */
    private static final int FORMAT = 3;

    private static final String SUFFIX = ".json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            // A record with missing or unknown fields must not be acted on.
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path folder;
    private final Map<UUID, Object> locks = new ConcurrentHashMap<>();
    /** Kept open: to close it would release the locks of other threads. An interrupted thread closes it. */
    private Optional<FileChannel> lockFile = Optional.empty();
    /** VMs whose record is on the disk. What an earlier process or a failed write left may be in the page cache only. */
    private final Set<UUID> durable = ConcurrentHashMap.newKeySet();

    private record Page(
            @JsonProperty(required = true) int format,
            @JsonProperty(required = true) UUID vm,
            @JsonProperty(required = true) ObjectNode record) {}

    public VmRecordStore(Path folder) {
        this.folder = folder;
    }

    public RecordLookup lookUp(UUID vm) {
        Path file = file(vm);
        try {
            Page page = JSON.readValue(Files.readAllBytes(file), Page.class);
            if (page.format() != FORMAT) {
                return new Damaged(file + " is in format " + page.format() + ", and this agent reads format " + FORMAT
                        + ": install the version of the agent that wrote it");
            }
            if (!Objects.equals(page.vm(), vm) || page.record() == null) {
                return new Damaged(file + " is not the record of VM " + vm);
            }
            return new Found(JSON.treeToValue(page.record(), VmRecord.class));
        } catch (NoSuchFileException e) {
            return new Missing();
        } catch (JsonProcessingException e) {
            return new Damaged(file + " cannot be read: " + e.getOriginalMessage());
        } catch (IOException e) {
            return new Damaged(file + " cannot be read: " + e.getMessage());
        }
    }

    /** The record of a VM for which the planner requires one. */
    public VmRecord require(UUID vm) {
        return lookUp(vm)
                .found()
                .orElseThrow(
                        () -> new IllegalStateException("the record of VM " + vm + " was removed during the step"));
    }

    /**
     * The latest epoch of each VM that has one that was not erased here. A damaged record is left out: its epoch is unknown,
     * and a start of its VM is refused here.
     */
    Map<UUID, Long> latestIncarnations() {
        Map<UUID, Long> incarnations = new HashMap<>();
        vms().forEach(vm -> lookUp(vm)
                .found()
                .flatMap(VmRecord::latestIncarnation)
                .ifPresent(epoch -> incarnations.put(vm, epoch)));
        return incarnations;
    }

    /** All VMs that have a record. */
    public List<UUID> vms() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> UUID.fromString(name.substring(0, name.length() - SUFFIX.length())))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    /** Changes a record. Returns when it is on the disk. An unchanged one that is durable is not written again. */
    public void update(UUID vm, UnaryOperator<VmRecord> change) {
        locked(vm, () -> change(vm, require(vm), change));
    }

    /** Works like {@link #update}; a VM without a record gets one. A damaged one is renamed, so that it can be inspected. */
    public void updateOrBegin(UUID vm, UnaryOperator<VmRecord> change) {
        locked(vm, () -> {
            RecordLookup before = lookUp(vm);
            if (before instanceof Damaged) {
                setAside(vm);
            }
            change(vm, before.found().orElse(VmRecord.NONE), change);
        });
    }

    /** Removes a record, unless it has changed. */
    public void forget(UUID vm, VmRecord record) {
        locked(vm, () -> {
            if (lookUp(vm).found().equals(Optional.of(record))) {
                durable.remove(vm);
                remove(file(vm));
            }
        });
    }

    private static void remove(Path file) {
        try {
            DurableFiles.remove(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + file, e);
        }
    }

    /** An agent that was stopped in the middle, and is replaced, must not undo what the other one recorded since. */
    private void locked(UUID vm, Runnable act) {
        synchronized (locks.computeIfAbsent(vm, key -> new Object())) {
            try (FileLock held = lockFile().lock(vm.getLeastSignificantBits() >>> 2, 1, false)) {
                act.run();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot lock the record of VM " + vm, e);
            }
        }
    }

    private synchronized FileChannel lockFile() throws IOException {
        if (lockFile.filter(FileChannel::isOpen).isEmpty()) {
            DurableFiles.makeFolder(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            lockFile = Optional.of(
                    FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        }
        return lockFile.get();
    }

    private void change(UUID vm, VmRecord before, UnaryOperator<VmRecord> change) {
        VmRecord after = change.apply(before);
        if (!after.equals(before) || !durable.contains(vm)) {
            save(vm, after);
        }
    }

    private void setAside(UUID vm) {
        Path file = file(vm);
        try {
            Files.move(file, file.resolveSibling(vm + ".json.damaged"), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot set aside " + file, e);
        }
    }

    private void save(UUID vm, VmRecord record) {
        durable.remove(vm);
        try {
            DurableFiles.write(file(vm), JSON.writeValueAsBytes(new Page(FORMAT, vm, JSON.valueToTree(record))));
            durable.add(vm);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the record of VM " + vm, e);
        }
    }

    private Path file(UUID vm) {
        return folder.resolve(vm + SUFFIX);
    }
}
