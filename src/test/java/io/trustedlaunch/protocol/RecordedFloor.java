package io.trustedlaunch.protocol;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The last claim or clean stop of a VM that the API server has on record (I2), read without the operator's rules. */
final class RecordedFloor {
    private RecordedFloor() {}

    static Optional<GuestStateVersion> of(FakeApiServer server, UUID vm) {
        Stream<GuestStateVersion> recorded = server.seen(TrustedLaunchVM.class)
                .filter(one -> one.identity().equals(vm.toString()))
                .flatMap(one -> Optional.ofNullable(one.getStatus()).map(TrustedLaunchVMStatus::guestState).stream())
                .flatMap(state -> Optional.ofNullable(state.floor()).stream());
        Stream<GuestStateVersion> reported = server.seen(VMIncarnation.class)
                .filter(incarnation -> incarnation.getSpec().vmRef().uid().equals(vm.toString()))
                .flatMap(incarnation -> of(incarnation).stream());
        return Stream.concat(recorded, reported).max(Comparator.naturalOrder());
    }

    private static Optional<GuestStateVersion> of(VMIncarnation incarnation) {
        long epoch = incarnation.getSpec().epoch();
        return Optional.ofNullable(incarnation.getStatus())
                .map(VMIncarnationStatus::guestState)
                .filter(state -> state.version() != null)
                .flatMap(state -> of(state, epoch));
    }

    private static Optional<GuestStateVersion> of(SealedState state, long epoch) {
        if (state.complete()) {
            return Optional.of(state.version());
        }
        return state.version().epoch() == epoch ? Optional.of(new GuestStateVersion(epoch, 1L)) : Optional.empty();
    }
}
