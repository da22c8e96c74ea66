package io.trustedlaunch.agent.domain;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** libvirt's documents for a backup: every device of the domain is named, since libvirt would choose for the others. */
public final class BackupXml {
    private BackupXml() {}

    /** @param devices the path of each of the domain's disks by its device, for example vda */
    public static String backup(BackupSpec spec, Map<String, Path> devices) {
        Xml server = Xml.element("server").with("transport", "unix").with("socket", spec.socket());
        Xml disks = Xml.element("disks")
                .containing(devices.entrySet().stream()
                        .map(device -> spec.disks().stream()
                                .filter(disk -> disk.path().equals(device.getValue()))
                                .findFirst()
                                .map(disk -> exported(
                                        device.getKey(), disk, spec.base().isPresent()))
                                .orElseGet(() -> disk(device.getKey()).with("backup", "no"))));
        Xml backup = Xml.element("domainbackup").with("mode", "pull");
        Xml based = spec.base()
                .map(base -> backup.containing(Xml.element("incremental", base)))
                .orElse(backup);
        return based.containing(server, disks).render();
    }

    private static Xml exported(String device, BackupSpec.Disk disk, boolean incremental) {
        Xml exported = disk(device).with("backup", "yes").with("type", "file").with("exportname", disk.name());
        // The owner of the scratch file is set, and libvirt must not reset it.
        Xml scratch = Xml.element("scratch")
                .with("file", disk.scratch())
                .containing(Xml.element("seclabel").with("model", "dac").with("relabel", "no"));
        return (incremental ? exported.with("exportbitmap", disk.name()) : exported)
                .containing(Xml.element("driver").with("type", DiskFormat.QCOW2.libvirtName()), scratch);
    }

    /** @param devices of the domain, for example vda */
    public static String checkpoint(String name, Set<String> included, Set<String> devices) {
        return checkpoint(name, included, devices, List.of());
    }

    /**
     * A checkpoint that was made earlier, and that libvirt has forgotten.
     *
     * @param parent the checkpoint before it, which takes over its dirty data when it is deleted
     */
    public static String knownCheckpoint(
            String name, Optional<String> parent, Set<String> included, Set<String> devices) {
        Xml created = Xml.element("creationTime", 0);
        return checkpoint(
                name,
                included,
                devices,
                parent.map(before -> List.of(created, Xml.element("parent").containing(Xml.element("name", before))))
                        .orElse(List.of(created)));
    }

    private static String checkpoint(String name, Set<String> included, Set<String> devices, List<Xml> more) {
        Xml disks = Xml.element("disks")
                .containing(devices.stream()
                        .map(device -> disk(device).with("checkpoint", included.contains(device) ? "bitmap" : "no")));
        return Xml.element("domaincheckpoint")
                .containing(Xml.element("name", name))
                .containing(more.stream())
                .containing(disks)
                .render();
    }

    private static Xml disk(String device) {
        return Xml.element("disk").with("name", device);
    }
}
