package io.trustedlaunch.operator.backupschedule;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSchedule;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.operator.backup.BackupAttempts;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/** The VMBackups of a schedule: which one is for which VM and time. Pure. */
final class ScheduledBackups {
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyyMMddHHmm").withZone(ZoneOffset.UTC);

    private static final int NAME_OF_VM = 200;
    private static final int DIGITS = 8;
    private static final int DIGITS_OF_REQUEST = 16;
    private static final BigInteger PARTS = BigInteger.ONE.shiftLeft(256);

    private ScheduledBackups() {}

    static VMBackup create(VMBackupSchedule schedule, TrustedLaunchVM vm, Instant time) {
        return create(schedule, vm, name(schedule, vm, time), time);
    }

    /** @param time of the schedule; of a request, when it is carried out */
    static VMBackup create(VMBackupSchedule schedule, TrustedLaunchVM vm, String name, Instant time) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(schedule.getMetadata().getNamespace())
                .withName(name)
                .withLabels(
                        Map.of(Api.LABEL_BACKUP_SCHEDULE, schedule.getMetadata().getName()))
                .withAnnotations(Map.of(Api.SCHEDULED_AT, time.toString()))
                .build());
        backup.setSpec(new VMBackupSpec(
                new ObjectRef(vm.getMetadata().getName()),
                schedule.getSpec().locationRef(),
                schedule.getSpec().mode(),
                schedule.getSpec().quiesce(),
                schedule.getSpec().startWithin()));
        return backup;
    }

    /** The same for one VM and time, so that no second one can be created. */
    static String name(VMBackupSchedule schedule, TrustedLaunchVM vm, Instant time) {
        return start(vm) + "-" + MINUTE.format(time) + "-"
                + digest(schedule, vm).substring(0, DIGITS);
    }

    /** The same for one VM and request. */
    static String name(VMBackupSchedule schedule, TrustedLaunchVM vm, String request) {
        return start(vm) + "-run-"
                + Sha256.of((key(schedule, vm) + "/" + request).getBytes(UTF_8)).substring(0, DIGITS_OF_REQUEST);
    }

    private static String start(TrustedLaunchVM vm) {
        String name = vm.getMetadata().getName();
        return name.substring(0, Math.min(name.length(), NAME_OF_VM)).replaceAll("[-.]+$", "");
    }

    /** The part of a window after which a VM is due: spread over VMs, and the same at each time. */
    static Duration delay(VMBackupSchedule schedule, TrustedLaunchVM vm, Duration window) {
        BigInteger nanos = new BigInteger(digest(schedule, vm), 16)
                .multiply(BigInteger.valueOf(window.toNanos()))
                .divide(PARTS);
        return Duration.ofNanos(nanos.longValueExact());
    }

    private static String digest(VMBackupSchedule schedule, TrustedLaunchVM vm) {
        return Sha256.of(key(schedule, vm).getBytes(UTF_8));
    }

    private static String key(VMBackupSchedule schedule, TrustedLaunchVM vm) {
        return schedule.getMetadata().getName() + "/" + vm.identity();
    }

    /** The time of the schedule that it is for; its creation if somebody has removed that. */
    static Instant time(VMBackup backup) {
        return BackupAttempts.scheduled(backup)
                .orElseGet(() -> Instant.parse(backup.getMetadata().getCreationTimestamp()));
    }
}
