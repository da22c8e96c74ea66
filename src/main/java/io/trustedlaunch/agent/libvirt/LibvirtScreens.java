package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.libvirt.Domain;

/**
 * The screens of domains. libvirt gives QEMU one end of a pair of sockets; QEMU's own socket is in a folder of QEMU's, where a guest
 * that has escaped could put a link to any other socket of the host.
 */
final class LibvirtScreens {
    private final LibvirtConnection libvirt;
    private final Predicate<UUID> migrates;
    private final QemuCalls<Optional<LibvirtScreen>> calls =
            new QemuCalls<>(Optional.empty(), late -> late.ifPresent(LibvirtScreen::close));

    /** @param migrates whether the domain is being migrated, or QEMU does not say */
    LibvirtScreens(LibvirtConnection libvirt, Predicate<UUID> migrates) {
        this.libvirt = libvirt;
        this.migrates = migrates;
    }

    LibvirtScreen open(UUID vm) {
        if (!exists(vm)) {
            throw new HypervisorException(new HypervisorFailure.ScreenMissing(vm));
        }
        // libvirt would wait half a minute for the end of a migration, and takes few calls at a time.
        if (migrates.test(vm)) {
            throw new HypervisorException(new HypervisorFailure.ScreenBusy(vm));
        }
        return calls.call(
                        vm,
                        () -> libvirt.call(
                                "open the screen of VM " + vm, connection -> Optional.of(connection.openScreen(vm))))
                .orElseThrow(() -> new HypervisorException(new HypervisorFailure.ScreenBusy(vm)));
    }

    private boolean exists(UUID vm) {
        return libvirt.call("look for the screen of VM " + vm, connection -> {
            Domain domain = connection.domainLookupByUUIDString(vm.toString());
            try {
                List<String> screens = LibvirtXml.parse(domain.getXMLDesc(0)).values("/domain/devices/graphics/@type");
                return !screens.isEmpty();
            } finally {
                domain.free();
            }
        });
    }
}
