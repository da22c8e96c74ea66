package io.trustedlaunch.agent.folder;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which epoch on which node may run a VM, and what is on record of its state, as the API server has it now. */
public sealed interface Ownership {
    /** @param vm the object that has the name now */
    record Found(TrustedLaunchVM vm) implements Ownership {
        private static final Pattern SEPARATOR = Pattern.compile("\\s*,\\s*");

        public String uid() {
            return vm.getMetadata().getUid();
        }

        /** 0: none was ever assigned. */
        public long epoch() {
            return status().map(TrustedLaunchVMStatus::epoch).orElse(0L);
        }

        public String nodeName() {
            return status().map(TrustedLaunchVMStatus::nodeName).orElse("");
        }

        public boolean deleting() {
            return vm.isMarkedForDeletion();
        }

        boolean isOf(VmRef ref) {
            return uid().equals(ref.owner());
        }

        /** Why the VM is not that incarnation's; empty: it is. */
        public Optional<String> otherThan(VmRef ref, long epoch, String node) {
            if (!isOf(ref)) {
                return Optional.of("another VM has its name now");
            }
            if (epoch() != epoch || !nodeName().equals(node)) {
                return Optional.of("the VM is at epoch " + epoch() + " on node " + nodeName() + ", and this is epoch "
                        + epoch + " on node " + node);
            }
            return deleting() ? Optional.of("the VM is being deleted") : Optional.empty();
        }

        /** The last one that the VM was put back by. */
        public Optional<Restore> restore() {
            return status().map(TrustedLaunchVMStatus::restore);
        }

        /** Its current epoch is for that storage location of that node. */
        boolean isToStartIn(String location, String node) {
            return nodeName().equals(node)
                    && vm.getSpec().storageLocationRef().name().equals(location);
        }

        boolean isBeingRestoredIn(String location, String node) {
            return restore()
                    .filter(restore -> restore.outcome() == null && isIn(restore, location, node))
                    .isPresent();
        }

        /** The files that the incarnation of that epoch left there are not the VM's any more. */
        boolean wasRestoredAfter(long epoch, String location, String node) {
            return restoresSince(epoch)
                    .anyMatch(
                            restore -> restore.outcome() == RestoreOutcome.Completed && isIn(restore, location, node));
        }

        /** Why an incarnation of that epoch does not begin, although the VM names it; empty: it may. */
        Optional<String> putBackSince(long epoch) {
            return restoresSince(epoch)
                    .findFirst()
                    .map(restore -> "VMBackup " + restore.backup().name()
                            + " was put in the place of the VM's files since, or is going to be");
        }

        private Stream<Restore> restoresSince(long epoch) {
            return status().stream().flatMap(status -> status.restoresSince(epoch));
        }

        private static boolean isIn(Restore restore, String location, String node) {
            return node.equals(restore.nodeName()) && location.equals(restore.storageLocation());
        }

        /** The digest of the endorsement key; empty: none is on record yet. */
        public Optional<String> ekDigest() {
            return status().map(TrustedLaunchVMStatus::vTPM).map(VTpm::ekDigest);
        }

        /** A person relies on that NodeFence for this VM, although nothing could contradict it. */
        boolean accepts(String fence) {
            return Optional.ofNullable(vm.getMetadata().getAnnotations())
                    .map(all -> all.get(Api.ACCEPTED_FENCE))
                    .filter(names -> SEPARATOR.splitAsStream(names.strip()).anyMatch(fence::equals))
                    .isPresent();
        }

        /** The last claim, or the last state of an incarnation that ended with all of it at home. */
        public Optional<GuestStateVersion> floor() {
            return guestState().map(GuestState::floor);
        }

        /** The last state of an incarnation that has ended with all of it at home; empty: that is not on record. */
        public Optional<GuestStateVersion> lastState() {
            return floor().filter(floor -> guestState()
                    .map(GuestState::home)
                    .filter(home -> home.complete() && floor.epoch().equals(home.epoch()))
                    .isPresent());
        }

        private Optional<GuestState> guestState() {
            return status().map(TrustedLaunchVMStatus::guestState);
        }

        private Optional<TrustedLaunchVMStatus> status() {
            return vm.status();
        }
    }

    record Absent() implements Ownership {}

    record Unread(String message) implements Ownership {
        public Problem problem() {
            return new Problem(
                    Reason.OwnershipUnread,
                    "the VM cannot be read from the API server: " + message
                            + "; check the connection of this node to the API server");
        }
    }

    /** Asks the API server, never a cache. */
    @FunctionalInterface
    interface Reader {
        Ownership read(VmRef vm);

        /** Empty: the VM is gone, or another one has its name now. Throws if that cannot be read. */
        default Optional<Found> require(VmRef vm) {
            return switch (read(vm)) {
                case Unread unread -> throw new RefusedException(unread.problem());
                case Absent absent -> Optional.empty();
                case Found found -> Optional.of(found).filter(there -> there.isOf(vm));
            };
        }
    }
}
