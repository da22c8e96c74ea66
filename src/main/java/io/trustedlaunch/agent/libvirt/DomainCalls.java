package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import java.util.Optional;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/** Calls on the domain of a VM. A domain that libvirtd has lost, whose guest runs, is not taken for one that is missing. */
record DomainCalls(LibvirtConnection libvirt, DomainProcesses processes) {
    interface Act<T> {
        T on(OpenConnection connection, Domain domain) throws LibvirtException;
    }

    /** @param action completes "libvirt cannot …" */
    <T> T required(UUID vm, String action, Act<T> act) {
        return with(vm, action, act)
                .orElseThrow(() -> new HypervisorException(new HypervisorFailure.DomainMissing(vm)));
    }

    /** Empty without a domain. */
    <T> Optional<T> with(UUID vm, String action, Act<T> act) {
        return libvirt.call(action, connection -> {
            try {
                Domain domain = connection.domainLookupByUUIDString(vm.toString());
                try {
                    return Optional.of(act.on(connection, domain));
                } finally {
                    domain.free();
                }
            } catch (LibvirtException e) {
                if (LibvirtErrors.isNoDomain(e)) {
                    processes.requireNoQemu(vm);
                    return Optional.empty();
                }
                throw e;
            }
        });
    }
}
