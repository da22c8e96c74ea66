package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.domain.DomainMetadata;
import io.trustedlaunch.agent.hypervisor.DomainSight;
import io.trustedlaunch.agent.hypervisor.DomainState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/** Domains as they are seen. A domain that goes away while it is looked at is not there; any other doubt is an error. */
record DomainSights(OpenConnection connection) {
    List<DomainSight> all() throws LibvirtException {
        List<DomainSight> sights = new ArrayList<>();
        for (Domain domain : connection.listAllDomains(0)) {
            look(domain).ifPresent(sights::add);
        }
        return sights;
    }

    Optional<DomainSight> find(UUID vm) throws LibvirtException {
        try {
            return look(connection.domainLookupByUUIDString(vm.toString()));
        } catch (LibvirtException e) {
            return absentOr(e);
        }
    }

    private Optional<DomainSight> look(Domain domain) throws LibvirtException {
        try {
            Optional<DomainIdentity> identity = DomainMetadata.read(domain.getXMLDesc(0));
            if (identity.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new DomainSight(identity.get(), state(domain)));
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

    private static Optional<DomainSight> absentOr(LibvirtException error) throws LibvirtException {
        if (LibvirtErrors.isNoDomain(error)) {
            return Optional.empty();
        }
        throw error;
    }
}
