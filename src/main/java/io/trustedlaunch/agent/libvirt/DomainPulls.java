package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.UnfilledDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.DomainBlockJobInfo;
import org.libvirt.LibvirtException;

/** Disks of a domain that QEMU fills from their backing. */
record DomainPulls(OpenConnection connection) {
    /** VIR_DOMAIN_BLOCK_JOB_TYPE_PULL. */
    private static final int PULL = 1;

    private static final String UNFILLED = "/domain/devices/disk[backingStore/source]";

    List<UnfilledDisk> unfilled(UUID vm) throws LibvirtException {
        return with(vm).orElse(List.of()).stream().map(Unfilled::shown).toList();
    }

    void begin(UUID vm, Path disk) throws LibvirtException {
        for (Unfilled unfilled : with(vm).orElse(List.of())) {
            UnfilledDisk shown = unfilled.shown();
            if (shown.disk().equals(disk) && shown.pull().isEmpty()) {
                connection.pull(vm, unfilled.device());
            }
        }
    }

    private record Unfilled(String device, UnfilledDisk shown) {}

    /** Empty without a domain. */
    private Optional<List<Unfilled>> with(UUID vm) throws LibvirtException {
        try {
            Domain domain = connection.domainLookupByUUIDString(vm.toString());
            try {
                return Optional.of(unfilled(domain));
            } finally {
                domain.free();
            }
        } catch (LibvirtException e) {
            if (LibvirtErrors.isNoDomain(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static List<Unfilled> unfilled(Domain domain) throws LibvirtException {
        LibvirtXml xml = LibvirtXml.parse(domain.getXMLDesc(0));
        List<Unfilled> disks = new ArrayList<>();
        for (String device : xml.values(UNFILLED + "/target/@dev")) {
            Path file = Path.of(xml.values(UNFILLED + "[target/@dev='" + device + "']/source/@file")
                    .getFirst());
            disks.add(new Unfilled(device, new UnfilledDisk(file, pull(domain, device))));
        }
        return disks;
    }

    private static Optional<UnfilledDisk.Pull> pull(Domain domain, String device) throws LibvirtException {
        DomainBlockJobInfo job = domain.getBlockJobInfo(device, 0);
        return job != null && job.type == PULL
                ? Optional.of(new UnfilledDisk.Pull(job.cur, job.end))
                : Optional.empty();
    }
}
