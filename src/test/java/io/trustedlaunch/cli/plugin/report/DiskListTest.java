package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import org.junit.jupiter.api.Test;

class DiskListTest {
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

        assertThat(DiskList.table(vm).toString()).isEqualTo("""
                ID        NAME    SIZE    STATE
                data      data    200Gi   attached; grows to 400Gi
                logs.7    logs    20Gi    attached
                old.3     old     7Gi     to be added again
                tmp.5     tmp     10Gi    attached
                lost.2    lost    10Gi    to be added
                quick.6   quick   8Gi     attached; to be removed
                logs      logs    30Gi    removed
                junk.4    junk    1Gi     removed; deleted at the next start
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

        assertThat(DiskList.table(vm).toString()).isEqualTo("""
                ID       NAME   SIZE   STATE
                logs     logs   20Gi   to be added again
                logs.7   logs   20Gi   attached; to be removed
                """);
    }

    @Test
    void aVmThatNeverRanHasItsDisksFromTheNextStartOn() {
        assertThat(DiskList.table(vm("spec: {dataDisks: [{name: data, size: 1Gi}]}"))
                        .toString())
                .endsWith("-    data   1Gi    to be added\n");
        assertThat(DiskList.table(vm("spec: {}")).toString())
                .isEqualTo("No data disks. To add one: kubectl tlvm disk add payroll NAME --size SIZE\n");
    }

    private static TrustedLaunchVM vm(String yaml) {
        return Serialization.unmarshal("metadata: {name: payroll, namespace: finance}\n" + yaml, TrustedLaunchVM.class);
    }
}
