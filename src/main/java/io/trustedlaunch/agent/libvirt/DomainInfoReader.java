package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.domain.DomainMetadata;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.VtpmState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/** Reads domains. A domain that disappears meanwhile counts as missing; any other failure is an error. */
record DomainInfoReader(OpenConnection connection, VtpmWatch vtpms, DomainProcesses processes) {
    List<DomainInfo> all() throws LibvirtException {
        List<DomainInfo> domains = new ArrayList<>();
        for (Domain domain : connection.listAllDomains(0)) {
            read(domain).ifPresent(domains::add);
        }
        return domains;
    }

    /** QEMU ends before its domain does. */
    Optional<DomainInfo> find(UUID vm) throws LibvirtException {
        try {
            return read(connection.domainLookupByUUIDString(vm.toString()));
        } catch (LibvirtException e) {
            Optional<DomainInfo> absent = absentOr(e);
            processes.requireNoQemu(vm);
            return absent;
        }
    }

    private Optional<DomainInfo> read(Domain domain) throws LibvirtException {
        try {
            Optional<DomainIdentity> identity = DomainMetadata.read(domain.getXMLDesc(0));
            if (identity.isEmpty()) {
                return Optional.empty();
            }
            VtpmState vtpm = vtpms.of(identity.get().vm(), domain.getID());
            return Optional.of(new DomainInfo(identity.get(), state(domain), vtpm));
        } catch (LibvirtException e) {
            return absentOr(e);
        } finally {
            domain.free();
        }
    }

    private DomainState state(Domain domain) throws LibvirtException {
        UUID vm = UUID.fromString(domain.getUUIDString());
        Optional<DomainState> state = connection.state(vm);
        if (state.isEmpty()) {
            // The binding's call throws the cause: the domain or libvirtd is gone.
            domain.getInfo();
            state = connection.state(vm);
        }
        return state.orElseThrow(
                () -> new IllegalStateException("libvirt does not report the state of the domain of VM " + vm));
    }

    private static Optional<DomainInfo> absentOr(LibvirtException error) throws LibvirtException {
        if (LibvirtErrors.isNoDomain(error)) {
            return Optional.empty();
        }
        throw error;
    }
}
