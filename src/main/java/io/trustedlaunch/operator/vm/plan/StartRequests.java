package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.incarnation.IncarnationFields;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.placement.Requests;
import io.trustedlaunch.placement.RequestsBuilder;
import java.util.List;
import java.util.Optional;

/** The needs of a VM's next incarnation from its node, by the present spec. */
public final class StartRequests {
    private StartRequests() {}

    /** The part of a node that it takes. */
    public static Allocated allocated(TrustedLaunchVM vm) {
        return new Allocated(vm.getSpec().cores(), ByteSize.of(vm.getSpec().memory()));
    }

    static Requests of(VmFacts facts) {
        String location = facts.vm().location();
        return RequestsBuilder.builder(in(location, facts))
                .image(
                        facts.incarnations().isFirstStart()
                                        && !facts.vm().restores().isClone()
                                ? facts.offers().image().file(location)
                                : Optional.empty())
                .build();
    }

    /** The requests of a VM whose disks are in that location. */
    static Requests in(String location, VmFacts facts) {
        return RequestsBuilder.builder()
                .cores(facts.vm().spec().cores())
                .memoryBytes(ByteSize.of(facts.vm().spec().memory()))
                .incarnationFields(() -> IncarnationFields.usedBy(IncarnationBuilder.ofNextStart(facts)))
                .networks(facts.vm().spec().networkInterfaces().stream()
                        .map(NetworkInterface::network)
                        .toList())
                .locations(List.of(location))
                .libtpms(facts.guestState().libtpms())
                .requiresVbs(facts.vm().spec().chosenVbs().equals(Optional.of(VirtualizationBasedSecurity.Required)))
                .image(Optional.empty())
                .constraints(facts.vm().constraints())
                .build();
    }
}
