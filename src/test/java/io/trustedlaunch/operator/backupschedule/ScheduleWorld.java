package io.trustedlaunch.operator.backupschedule;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSchedule;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec;
import io.trustedlaunch.api.backup.VMBackupScheduleSpecBuilder;
import io.trustedlaunch.api.backup.VMBackupScheduleStatus;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.operator.backup.MinimumRetention;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A namespace with VMs and a schedule, as an API server has them; a test moves its clock. */
final class ScheduleWorld {
    static final Instant CREATED = Instant.parse("2026-01-01T12:00:00Z");
    /** What a pass causes by its events comes as soon. */
    private static final Duration POLL = Duration.ofSeconds(30);

    static final Map<String, String> LABELS = Map.of("backup", "nightly");

    Instant now = CREATED;
    Supplier<Optional<Instant>> apiServer = () -> Optional.of(now);
    VMBackupSchedule schedule = new VMBackupSchedule();
    Optional<BackupLocation> location = Optional.of(location(List.of()));
    final Map<String, TrustedLaunchVM> vms = new TreeMap<>();
    /** All of the namespace; those of other schedules and of users are there as well. */
    final Map<String, VMBackup> backups;

    final List<String> created = new ArrayList<>();
    long cancelledOnRecord;

    ScheduleWorld(UnaryOperator<VMBackupScheduleSpecBuilder> change) {
        this("nightly", new TreeMap<>(), change);
    }

    ScheduleWorld(String name, Map<String, VMBackup> backups, UnaryOperator<VMBackupScheduleSpecBuilder> change) {
        this.backups = backups;
        schedule.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Vms.NAMESPACE)
                .withName(name)
                .withUid("00000000-0000-4000-8000-0000000000aa")
                .withGeneration(1L)
                .withCreationTimestamp(CREATED.toString())
                .build());
        spec(change);
    }

    void spec(UnaryOperator<VMBackupScheduleSpecBuilder> change) {
        VMBackupScheduleSpecBuilder before = schedule.getSpec() == null
                ? VMBackupScheduleSpecBuilder.builder()
                        .vmSelector(new LabelSelector(LABELS, List.of()))
                        .locationRef(new ObjectRef("nas"))
                        .schedule("0 2 * * *")
                : VMBackupScheduleSpecBuilder.builder(schedule.getSpec());
        schedule.setSpec(change.apply(before).build());
    }

    static BackupLocation location(List<String> allowedNamespaces) {
        BackupLocation location = new BackupLocation();
        location.setMetadata(new ObjectMetaBuilder().withName("nas").build());
        location.setSpec(new BackupLocationSpec(new BackupLocationSpec.Folder("/backups"), allowedNamespaces));
        return location;
    }

    TrustedLaunchVM vm(int number) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().runStrategy(RunStrategy.Always).build());
        vm.setMetadata(new ObjectMetaBuilder(vm.getMetadata())
                .withName("vm-" + number)
                .withUid(uid(number))
                .withLabels(LABELS)
                .withCreationTimestamp(CREATED.minus(Duration.ofDays(1)).toString())
                .build());
        vms.put(vm.getMetadata().getName(), vm);
        run(vm, true);
        return vm;
    }

    static String uid(int number) {
        return String.format("00000000-0000-4000-8000-%012d", number);
    }

    static void run(TrustedLaunchVM vm, boolean runs) {
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .conditions(List.of(new ConditionBuilder()
                        .withType("Running")
                        .withStatus(runs ? "True" : "False")
                        .build()))
                .build());
    }

    /** @param restored when it was put back to a backup; may be null */
    static void turnOff(TrustedLaunchVM vm, Instant since, Instant restored) {
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .epoch(3L)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .newest(new GuestStateVersion(3L, 1L))
                        .home(new TrustedLaunchVMStatus.Home("default", "host-a", 3L, true, Incarnations.CLUSTER))
                        .build())
                .restore(
                        restored == null
                                ? null
                                : TrustedLaunchVMStatusRestoreBuilder.builder()
                                        .guestState(new GuestStateVersion(1L, 1L))
                                        .afterEpoch(3L)
                                        .outcome(TrustedLaunchVMStatus.RestoreOutcome.Completed)
                                        .completionTime(restored.toString())
                                        .build())
                .conditions(List.of(new ConditionBuilder()
                        .withType("Running")
                        .withStatus("False")
                        .withReason("Halted")
                        .withLastTransitionTime(since.toString())
                        .build()))
                .build());
    }

    ScheduleFacts facts() {
        return ScheduleFactsBuilder.builder()
                .schedule(schedule)
                .location(location)
                .vms(List.copyOf(vms.values()))
                .backups(backups.values().stream().filter(this::isOwn).toList())
                .all(List.copyOf(backups.values()))
                .minimumRetention(location.map(found -> MinimumRetention.of(found, Stream.of()))
                        .orElse(MinimumRetention.NONE))
                .time(new ClusterTime(now, apiServer.get()))
                .build();
    }

    private boolean isOwn(VMBackup backup) {
        return schedule.getMetadata()
                .getName()
                .equals(backup.getMetadata().getLabels().get(Api.LABEL_BACKUP_SCHEDULE));
    }

    SchedulePlan plan() {
        return SchedulePlanner.plan(facts());
    }

    /** A pass of the controller. */
    SchedulePlan pass() {
        return carryOut(Integer.MAX_VALUE);
    }

    /** One that dies after some creations, before the status is written; if there are as many. */
    SchedulePlan carryOut(int creations) {
        ScheduleFacts facts = facts();
        SchedulePlan plan = SchedulePlanner.plan(facts);
        VMBackupScheduleStatus status = ScheduleStatus.of(facts, plan);
        plan.cancel().forEach(backup -> backups.remove(backup.getMetadata().getName()));
        for (VMBackup backup : plan.create()) {
            if (--creations < 0) {
                return plan;
            }
            create(backup);
        }
        schedule.setStatus(status);
        cancelledOnRecord += plan.cancel().size();
        return plan;
    }

    private void create(VMBackup backup) {
        String name = backup.getMetadata().getName();
        if (!backups.containsKey(name)) {
            backup.getMetadata().setCreationTimestamp(now.toString());
            backup.getMetadata()
                    .setUid(UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString());
            backups.put(name, backup);
            created.add(name);
        }
    }

    void begin(VMBackup backup) {
        backup.setStatus(status(backup).phase(VMBackupStatus.Phase.Running).build());
    }

    void end(VMBackup backup, VMBackupStatus.Phase phase) {
        backup.setStatus(
                status(backup).phase(phase).completionTime(now.toString()).build());
    }

    private VMBackupStatusBuilder status(VMBackup backup) {
        return VMBackupStatusBuilder.builder()
                .backupUID(backup.getMetadata().getUid())
                .vmUID(vms.get(backup.getSpec().vmRef().name()).identity())
                .startTime(now.toString());
    }

    /** Passes until a moment, at each moment that the controller asks for. */
    void until(String end, Runnable afterEach) {
        Instant last = Instant.parse(end);
        while (true) {
            SchedulePlan plan = pass();
            boolean active = !facts().open().isEmpty();
            afterEach.run();
            Instant wake = plan.progress().wake().orElse(last);
            if (active && wake.isAfter(now.plus(POLL))) {
                wake = now.plus(POLL);
            }
            if (!wake.isBefore(last)) {
                now = last;
                return;
            }
            now = wake.isAfter(now) ? wake : now.plusMillis(1);
        }
    }

    void endAll() {
        backups.values().stream()
                .filter(backup -> !backup.hasEnded())
                .forEach(backup -> end(backup, VMBackupStatus.Phase.Completed));
    }

    void completeAll() {
        List<VMBackup> open =
                backups.values().stream().filter(backup -> !backup.hasEnded()).toList();
        endAll();
        open.forEach(backup -> backup.setStatus(VMBackupStatusBuilder.builder(backup.getStatus())
                .result(BackupResultBuilder.builder()
                        .indexSHA256("ab".repeat(32))
                        .type(BackupResult.Type.Full)
                        .time(now.toString())
                        .build())
                .build()));
    }

    VMBackupScheduleStatus status() {
        return schedule.getStatus();
    }

    VMBackupScheduleSpec spec() {
        return schedule.getSpec();
    }
}
