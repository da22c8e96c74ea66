package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/** The states in VMs' homes, opened with the keys of their incarnations. */
final class HomeStates {
    private final Homes homes;
    private final Secrets secrets;

    HomeStates(Homes homes, Secrets secrets) {
        this.homes = homes;
        this.secrets = secrets;
    }

    Home home(IncarnationFacts facts) {
        return homes.at(facts.homeFolder());
    }

    /** Throws if it cannot be used. */
    GuestState open(IncarnationFacts facts, GuestStateVersion version) {
        return switch (opening(facts, version)) {
            case Opening.Opened(GuestState state) -> state;
            case Opening.Refused refused -> throw unusable(facts, version, refused);
        };
    }

    Optional<GuestState> opened(IncarnationFacts facts, GuestStateVersion version) {
        return opening(facts, version) instanceof Opening.Opened(GuestState state)
                ? Optional.of(state)
                : Optional.empty();
    }

    Opening opening(IncarnationFacts facts, GuestStateVersion version) {
        byte[] file = reading(version, () -> home(facts).read(version));
        try (GuestStateKey key = secrets.guestStateKey(facts)) {
            return SealedGuestState.open(file, facts.vm(), version, key);
        }
    }

    Optional<GuestState> newestOf(IncarnationFacts facts, long epoch) {
        return GuestStates.writing(() -> home(facts).versions()).stream()
                .filter(version -> version.epoch() == epoch)
                .findFirst()
                .flatMap(version -> opened(facts, version));
    }

    /** The newest state of an epoch up to that of the incarnation. */
    GuestStateVersion newest(IncarnationFacts facts) {
        return GuestStates.writing(() -> home(facts).versions()).stream()
                .filter(version -> version.epoch() <= facts.epoch())
                .findFirst()
                .orElseThrow(() -> new RefusedException(
                        Reason.GuestStateMissing,
                        "the VM's home " + facts.homeFolder().path()
                                + " holds no guest state any more: restore its guest-state files"));
    }

    /**
     * States newer than the approved one must neither be used by a later start nor be pruned. Until the claim is durable, a
     * start without the approval is refused, because the remaining states are older than the record.
     */
    static void setRejectedAside(IncarnationFacts facts, Home home, List<GuestStateVersion> there) throws IOException {
        GuestStateVersion approved = facts.spec().approvedGuestState();
        if (approved == null || !there.contains(approved)) {
            return;
        }
        for (GuestStateVersion version : there) {
            if (version.compareTo(approved) > 0) {
                home.setAside(version);
            }
        }
    }

    private static <T> T reading(GuestStateVersion version, GuestStates.Act<T> act) {
        try {
            return act.run();
        } catch (NoSuchFileException e) {
            throw new RefusedException(
                    Reason.GuestStateMissing,
                    "guest state " + version + " was removed from the VM's home while it was read; restore it",
                    e);
        } catch (IOException e) {
            throw new RefusedException(
                    Reason.GuestStateUnreadable,
                    "guest state " + version + " cannot be read: " + e.getMessage() + "; " + GuestStates.CHECK_LOCATION,
                    e);
        }
    }

    static RefusedException unusable(IncarnationFacts facts, GuestStateVersion version, Opening.Refused refused) {
        boolean approved = version.equals(facts.spec().approvedGuestState());
        return new RefusedException(
                approved ? Reason.GuestStateNotApproved : refused.fault().reason(),
                refused.message() + ". Restore the original file, or approve " + (approved ? "another" : "an older")
                        + " state in the VM's home with spec.approveGuestState");
    }
}
