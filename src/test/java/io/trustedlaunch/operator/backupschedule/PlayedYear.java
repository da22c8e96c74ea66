package io.trustedlaunch.operator.backupschedule;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult.Type;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.BackupRunSpec.Completed;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupScheduleSpecBuilder;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.backup.BackupBase;
import io.trustedlaunch.backup.BasePlanner;
import io.trustedlaunch.backup.BasePlanner.Bitmap;
import io.trustedlaunch.backup.CompletedBackup;
import io.trustedlaunch.backup.CompletedBackup.Check;
import io.trustedlaunch.operator.backup.CompletedBackups;
import io.trustedlaunch.testkit.BackupLocations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** One VM, several schedules and a user, day by day: the planners decide, and backups are made and removed as they say. */
final class PlayedYear {
    static final Instant BEGIN = ScheduleWorld.CREATED;

    final Map<String, VMBackup> backups = new TreeMap<>();
    final Map<String, BackupLocation> locations = new TreeMap<>();
    final List<ScheduleWorld> schedules = new ArrayList<>();
    /** The VM's disks have a record of the changes since these. */
    private final Set<UUID> checkpoints = new HashSet<>();

    Instant now = BEGIN;
    int made;
    int removed;

    ScheduleWorld schedule(String name, String location, UnaryOperator<VMBackupScheduleSpecBuilder> change) {
        ScheduleWorld world =
                new ScheduleWorld(name, backups, spec -> change.apply(spec.locationRef(new ObjectRef(location))));
        world.vm(1);
        world.location = Optional.of(locations.computeIfAbsent(location, PlayedYear::location));
        schedules.add(world);
        return world;
    }

    /** With a store of its own. */
    private static BackupLocation location(String name) {
        BackupLocation location = BackupLocations.named(
                name,
                BackupLocationSpecBuilder.builder(BackupLocations.folder("/" + name, List.of()))
                        .id(UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString())
                        .build());
        location.getMetadata()
                .setCreationTimestamp(BEGIN.minus(Duration.ofDays(1)).toString());
        return BackupLocations.foundOn(location, "host-a");
    }

    /** At noon each day. */
    void day() {
        now = now.plus(Duration.ofDays(1));
        pass();
    }

    void pass() {
        for (ScheduleWorld world : schedules) {
            // VMs are due in the first minutes.
            world.now = now.plus(SchedulePlanner.MOST_DELAY);
            world.pass();
        }
        List.copyOf(backups.values()).stream()
                .filter(backup -> !backup.hasEnded())
                .forEach(this::make);
        for (ScheduleWorld world : schedules) {
            RetentionPlanner.expired(world.facts()).forEach(PlayedYear::request);
        }
        removeRequested();
    }

    VMBackup byHand(String name, String location) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(schedules.getFirst().schedule.getMetadata().getNamespace())
                .withName(name)
                .withUid(UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString())
                .withCreationTimestamp(now.toString())
                .withLabels(Map.of())
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("vm-1"), new ObjectRef(location), BackupMode.Auto));
        backups.put(name, backup);
        make(backup);
        return backup;
    }

    private static void request(VMBackup backup) {
        Map<String, String> annotations = new HashMap<>(
                Optional.ofNullable(backup.getMetadata().getAnnotations()).orElseGet(Map::of));
        annotations.put(Api.REMOVE_BACKUP, "true");
        backup.getMetadata().setAnnotations(annotations);
    }

    /** In any order: each backup is whole by itself. */
    private void removeRequested() {
        int before = backups.size();
        backups.values().removeIf(VMBackup::removalRequested);
        removed += before - backups.size();
    }

    /** As an agent does: it reads what has changed since one that it was offered, whose checkpoint is there. */
    private void make(VMBackup backup) {
        BackupLocation location = locations.get(backup.getSpec().locationRef().name());
        List<Completed> offered = CompletedBackups.basesOf(
                backups.values().stream()
                        .filter(one -> one.status().isPresent())
                        .toList(),
                location,
                now);
        List<CompletedBackup> known = offered.stream()
                .map(one -> new CompletedBackup(UUID.fromString(one.uid()), Instant.parse(one.time()), Check.NONE))
                .toList();
        BackupBase base = BasePlanner.plan(new BasePlanner.Facts(
                backup.getSpec().mode() == BackupMode.Full,
                known,
                checkpoints.stream().collect(Collectors.toMap(uid -> uid, uid -> Bitmap.CONSISTENT)),
                Optional.empty(),
                Optional.empty()));
        UUID uid = UUID.fromString(backup.getMetadata().getUid());
        known.forEach(one -> checkpoints.remove(one.backup()));
        checkpoints.add(uid);
        made++;
        BackupResultBuilder result =
                BackupResultBuilder.builder().indexSHA256("ab".repeat(32)).time(now.toString());
        switch (base) {
            case BackupBase.Full full ->
                result.type(Type.Full).fullReason(full.reason().name());
            case BackupBase.Incremental(UUID since) ->
                result.type(Type.Incremental).baseUID(since.toString());
        }
        backup.setStatus(VMBackupStatusBuilder.builder()
                .phase(Phase.Completed)
                .vmUID(ScheduleWorld.uid(1))
                .backupUID(uid.toString())
                .locationID(location.getSpec().id())
                .startTime(now.toString())
                .completionTime(now.toString())
                .result(result.build())
                .build());
    }

    /** The backups of a schedule, the newest first. */
    List<VMBackup> of(ScheduleWorld world) {
        return CompletedBackups.in(world.location.orElseThrow(), world.facts().backups(), world.now)
                .toList();
    }
}
