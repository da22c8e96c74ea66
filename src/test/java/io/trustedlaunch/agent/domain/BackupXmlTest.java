package io.trustedlaunch.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BackupXmlTest {
    private static final Path FOLDER = Path.of("/vms/payroll");
    private static final Path OS = FOLDER.resolve("os.qcow2");
    private static final Map<String, Path> DEVICES =
            new TreeMap<>(Map.of("vda", OS, "vdb", FOLDER.resolve("seed.iso")));

    private static BackupSpec spec(Optional<String> base) {
        return new BackupSpec(
                "payroll-1126",
                base,
                Path.of("/run/backups/payroll"),
                List.of(new BackupSpec.Disk("root", OS, FOLDER.resolve(".scratch-root.qcow2"))));
    }

    @Test
    void anIncrementalBackupNamesItsBaseAndItsBitmap() {
        assertThat(BackupXml.backup(spec(Optional.of("payroll-1125")), DEVICES)).isEqualTo("""
                        <domainbackup mode="pull">
                          <incremental>payroll-1125</incremental>
                          <server transport="unix" socket="/run/backups/payroll"/>
                          <disks>
                            <disk name="vda" backup="yes" type="file" exportname="root" exportbitmap="root">
                              <driver type="qcow2"/>
                              <scratch file="/vms/payroll/.scratch-root.qcow2">
                                <seclabel model="dac" relabel="no"/>
                              </scratch>
                            </disk>
                            <disk name="vdb" backup="no"/>
                          </disks>
                        </domainbackup>
                        """);
    }

    @Test
    void aFullBackupHasNoBitmap() {
        assertThat(BackupXml.backup(spec(Optional.empty()), DEVICES)).doesNotContain("incremental", "exportbitmap");
    }

    @Test
    void aCheckpointThatLibvirtHasForgottenNamesTheOneBeforeIt() {
        assertThat(BackupXml.knownCheckpoint(
                        "payroll-1126", Optional.of("payroll-1125"), Set.of("vda"), new TreeSet<>(DEVICES.keySet())))
                .isEqualTo("""
                        <domaincheckpoint>
                          <name>payroll-1126</name>
                          <creationTime>0</creationTime>
                          <parent>
                            <name>payroll-1125</name>
                          </parent>
                          <disks>
                            <disk name="vda" checkpoint="bitmap"/>
                            <disk name="vdb" checkpoint="no"/>
                          </disks>
                        </domaincheckpoint>
                        """);
    }

    @Test
    void namesAndPathsAreChecked() {
        for (String name : List.of("", "A", "../a", "a b", "<a>", "a/b", "-a")) {
            assertThatThrownBy(() -> new BackupSpec(name, Optional.empty(), OS, List.of()))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new BackupSpec.Disk("root", Path.of("os.qcow2"), OS))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
