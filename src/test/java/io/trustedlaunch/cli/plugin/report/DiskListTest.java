package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiskListTest {
    private static final String UID = "a".repeat(36);

    @Test
    void eachDiskSaysWhereItIsAndWhatTheNextStartDoes() {
        TrustedLaunchVM vm = vm("""
                spec:
                  dataDisks:
                  - {name: data, size: 400Gi}
                  - {name: logs, size: 20Gi, from: {removedDisk: logs.7}}
                  - {name: old, size: 7Gi, from: {removedDisk: old.3}}
                  - {name: tmp, size: 10Gi}
                  - {name: lost, size: 10Gi, from: {removedDisk: lost.2}}
                  deletedDisks: [junk.4]
                status:
                  dataDisks:
                  - {id: data, name: data, size: 200Gi}
                  - {id: logs.7, name: logs, size: 20Gi}
                  - {id: tmp.5, name: tmp, size: 10Gi}
                  - {id: quick.6, name: quick, size: 8Gi}
                  removedDisks:
                  - {id: logs, name: logs, size: 30Gi}
                  - {id: old.3, name: old, size: 7Gi}
                  - {id: junk.4, name: junk, size: 1Gi}
                """);

        assertThat(DiskList.table(vm, List.of()).toString()).isEqualTo("""
                ID        NAME    SIZE    LAST BACKUP   STATE
                data      data    200Gi   -             attached; grows to 400Gi
                logs.7    logs    20Gi    -             attached
                old.3     old     7Gi     -             to be added again
                tmp.5     tmp     10Gi    -             attached
                lost.2    lost    10Gi    -             to be added
                quick.6   quick   8Gi     -             attached; to be removed
                logs      logs    30Gi    -             removed
                junk.4    junk    1Gi     -             removed; deleted at the next start
                """);
    }

    /** A name is used again: the disk that has it leaves, and another one comes. */
    @Test
    void oneNameMayBeTwoDisks() {
        TrustedLaunchVM vm = vm("""
                spec: {dataDisks: [{name: logs, size: 20Gi, from: {removedDisk: logs}}]}
                status:
                  dataDisks: [{id: logs.7, name: logs, size: 20Gi}]
                  removedDisks: [{id: logs, name: logs, size: 20Gi}]
                """);

        assertThat(DiskList.table(vm, List.of()).toString()).isEqualTo("""
                ID       NAME   SIZE   LAST BACKUP   STATE
                logs     logs   20Gi   -             to be added again
                logs.7   logs   20Gi   -             attached; to be removed
                """);
    }

    @Test
    void aVmThatNeverRanHasItsDisksFromTheNextStartOn() {
        assertThat(DiskList.table(vm("spec: {dataDisks: [{name: data, size: 1Gi}]}"), List.of())
                        .toString())
                .endsWith("-    data   1Gi    -             to be added\n");
        assertThat(DiskList.table(vm("spec: {}"), List.of()).toString())
                .isEqualTo("No data disks. To add one: kubectl tlvm disk add payroll NAME --size SIZE\n");
    }

    /** Another VM had the name before; a backup that failed has nothing. */
    @Test
    void eachDiskSaysWhichBackupHasItLast() {
        TrustedLaunchVM vm = vm("""
                spec: {dataDisks: [{name: data, size: 1Gi}, {name: tmp, size: 1Gi}]}
                status:
                  dataDisks: [{id: data, name: data, size: 1Gi}, {id: tmp.5, name: tmp, size: 1Gi}]
                  removedDisks: [{id: logs, name: logs, size: 1Gi}, {id: tmp, name: tmp, size: 1Gi}]
                """);
        List<VMBackup> backups = List.of(
                backup("second", UID, "Completed", "2026-12-02T01:00:00.5Z", "data, tmp"),
                backup("first", UID, "Completed", "2026-12-01T01:00:00Z", "data, logs"),
                backup("failed", UID, "Failed", "2026-12-03T01:00:00Z", "data"),
                backup("another", "b".repeat(36), "Completed", "2026-12-03T01:00:00Z", "data, tmp.5"),
                Serialization.unmarshal(
                        "metadata: {name: pending}\nstatus: {phase: Pending, vmUID: " + UID + "}", VMBackup.class),
                Serialization.unmarshal("metadata: {name: new}", VMBackup.class));

        assertThat(DiskList.table(vm, backups).toString()).isEqualTo("""
                ID      NAME   SIZE   LAST BACKUP   STATE
                data    data   1Gi    second        attached
                tmp.5   tmp    1Gi    -             attached
                logs    logs   1Gi    first         removed
                tmp     tmp    1Gi    second        removed
                """);
    }

    private static VMBackup backup(String name, String uid, String phase, String time, String disks) {
        return Serialization.unmarshal("""
                metadata: {name: %s}
                status: {phase: %s, vmUID: %s, result: {time: "%s", dataDisks: [%s]}}
                """.formatted(name, phase, uid, time, disks), VMBackup.class);
    }

    private static TrustedLaunchVM vm(String yaml) {
        return Serialization.unmarshal(
                "metadata: {name: payroll, namespace: finance, uid: " + UID + "}\n" + yaml, TrustedLaunchVM.class);
    }
}
