package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.domain.DomainMetadata;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/** Domains as they are seen. A domain that goes away while it is looked at is not there; any other doubt is an error. */
record DomainInfoReader(OpenConnection connection) {
    List<DomainInfo> all() throws LibvirtException {
        List<DomainInfo> sights = new ArrayList<>();
        for (Domain domain : connection.listAllDomains(0)) {
            look(domain).ifPresent(sights::add);
        }
        return sights;
    }

    Optional<DomainInfo> find(UUID vm) throws LibvirtException {
        try {
            return look(connection.domainLookupByUUIDString(vm.toString()));
        } catch (LibvirtException e) {
            return absentOr(e);
        }
    }

    private Optional<DomainInfo> look(Domain domain) throws LibvirtException {
        try {
            Optional<DomainIdentity> identity = DomainMetadata.read(domain.getXMLDesc(0));
            if (identity.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new DomainInfo(identity.get(), state(domain)));
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
            // Asked again through the binding, which says why: gone, or libvirtd is.
            domain.getInfo();
            state = connection.state(vm);
        }
        return state.orElseThrow(() -> new IllegalStateException("libvirt does not tell the state of domain " + vm));
    }

    private static Optional<DomainInfo> absentOr(LibvirtException error) throws LibvirtException {
        if (LibvirtErrors.isNoDomain(error)) {
            return Optional.empty();
        }
        throw error;
    }
}
